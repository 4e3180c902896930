import { useEffect, useRef, useState } from "react";
import type { CodeModules, FileCodes } from "../../workers/qrCodes.ts";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";
import { groupThousands } from "../words/amount.ts";

/** Codes a second: what a telephone's camera reads without missing many. */
const CODES_A_SECOND = 8;

type Codes = FileCodes | "opening" | "tooLong" | "unloaded";

/** A file as moving QR codes, until whoever looks has it all. */
export function QrPlayer({ bytes }: { readonly bytes: Uint8Array }) {
  const [codes, setCodes] = useState<Codes>("opening");
  useEffect(() => {
    let isShown = true;
    import("../../workers/qrCodes.ts").then(
      ({ createCodes }) => {
        if (isShown) setCodes(createCodes(bytes) ?? "tooLong");
      },
      () => {
        if (isShown) setCodes("unloaded");
      },
    );
    return () => {
      isShown = false;
    };
  }, [bytes]);
  switch (codes) {
    case "opening":
      return <p role="status">Drawing the codes.</p>;
    case "tooLong":
      return (
        <Note tone="waiting">
          <p>The file is too long for QR codes. Save it, and hand it over as a file.</p>
        </Note>
      );
    case "unloaded":
      return (
        <Note tone="danger">
          <p>The codes could not be drawn: a part of this page is missing. Reload it.</p>
        </Note>
      );
    default:
      return <Player codes={codes} size={bytes.length} />;
  }
}

function Player({ codes, size }: { readonly codes: FileCodes; readonly size: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isPaused, setIsPaused] = useState(false);
  const at = useRef(0);
  useEffect(() => {
    const show = () => {
      if (canvas.current !== null) draw(canvas.current, codes.codeAt(at.current));
      at.current += 1;
    };
    if (isPaused) return undefined;
    show();
    const timer = setInterval(show, 1_000 / CODES_A_SECOND);
    return () => clearInterval(timer);
  }, [codes, isPaused]);
  const seconds = Math.max(1, Math.ceil(codes.count / CODES_A_SECOND));
  return (
    <div className="qr">
      <canvas ref={canvas} role="img" aria-label="Moving QR codes of the proof file" />
      <p className="hint">
        {groupThousands(size)} bytes in {groupThousands(codes.count)} codes. Point the camera of the
        other device at it, with “Check a proof” open there: it takes about {seconds}{" "}
        {seconds === 1 ? "second" : "seconds"}, from any code on.
      </p>
      <Button look="quiet" onClick={() => setIsPaused(!isPaused)}>
        {isPaused ? "Go on" : "Pause"}
      </Button>
    </div>
  );
}

/** One pixel for each module; the page scales it without blurring. */
function draw(canvas: HTMLCanvasElement, modules: CodeModules): void {
  const side = modules.length;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.fillStyle = "#000";
  modules.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (isDark) context.fillRect(x, y, 1, 1);
    });
  });
}
