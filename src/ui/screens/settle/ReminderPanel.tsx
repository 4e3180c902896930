import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { askPermission, notify, readPermission } from "../../reminders/notifier.ts";
import { keepIsWanted, readIsWanted } from "../../reminders/toldStore.ts";

/** Notifications before each deadline: asked for by a click, and never before. */
export function ReminderPanel() {
  const [permission, setPermission] = useState(readPermission);
  const [isWanted, setIsWanted] = useState(readIsWanted);
  const isOn = isWanted && permission === "granted";

  const turnOn = async (): Promise<void> => {
    const answer = await askPermission();
    setPermission(answer);
    if (answer !== "granted") return;
    keepIsWanted(true);
    setIsWanted(true);
    await notify(
      "Reminders are on",
      "The wallet tells you like this before a deadline.",
      "sortition-reminders",
    );
  };
  const turnOff = (): void => {
    keepIsWanted(false);
    setIsWanted(false);
  };

  return (
    <Panel title="Reminders">
      <p>
        A notification when something must be done, and a day, an hour and ten minutes before its
        time is over. It needs this wallet to be open in a tab, locked or not; when it is closed,
        your calendar reminds you.
      </p>
      {permission === "unsupported" && (
        <Note tone="waiting">
          <p>This browser shows no notifications. Save the deadlines for a calendar.</p>
        </Note>
      )}
      {permission === "denied" && (
        <Note tone="waiting">
          <p>
            This browser was told not to let the wallet notify. Allow it in the settings of the
            browser for this page, or save the deadlines for a calendar.
          </p>
        </Note>
      )}
      {isOn && (
        <>
          <Note tone="safe">
            <p>Reminders are on for this device.</p>
          </Note>
          <Button onClick={turnOff}>Turn reminders off</Button>
        </>
      )}
      {!isOn && (permission === "unasked" || permission === "granted") && (
        <div className="panel-actions">
          <Button onClick={() => void turnOn().catch(() => setPermission(readPermission()))}>
            Turn reminders on
          </Button>
          {permission === "unasked" && (
            <p className="hint">The browser will ask whether the wallet may notify you.</p>
          )}
        </div>
      )}
    </Panel>
  );
}
