import { useEffect, useRef, useState } from "react";
import { Button } from "../parts/Button.tsx";
import { Note } from "../parts/Note.tsx";

/** Pictures a second: twice what is shown, so that none is missed. */
const PICTURES_A_SECOND = 15;
/** The longer side of a picture that is read: more only costs time. */
const SIDE_MAX = 960;

type ScannerProps = { readonly onFile: (file: Uint8Array) => void; readonly onEnd: () => void };

type Seen = { readonly known: number; readonly count: number };

/** Looks through the camera until a file is whole. What it sees stays in this page. */
export function QrScanner({ onFile, onEnd }: ScannerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [seen, setSeen] = useState<Seen>();
  const [failure, setFailure] = useState<string>();
  const take = useRef(onFile);
  take.current = onFile;
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    let isOver = false;
    const stop = () => {
      isOver = true;
      clearInterval(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    async function start(): Promise<void> {
      const { createCodeReader } = await import("../../workers/qrCodes.ts");
      const wanted = { facingMode: "environment", width: { ideal: 1_280 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
      const element = video.current;
      if (isOver || element === null) return stop();
      element.srcObject = stream;
      await element.play();
      const reader = createCodeReader();
      timer = setInterval(() => {
        const picture = grab(element);
        const read = picture && reader.read(picture);
        if (read?.kind === "more") setSeen({ known: read.known, count: read.count });
        if (read?.kind !== "whole") return;
        stop();
        take.current(read.file);
      }, 1_000 / PICTURES_A_SECOND);
    }
    start().catch((error: unknown) => {
      stop();
      setFailure(describeFailure(error));
    });
    return stop;
  }, []);
  return (
    <div className="qr">
      {failure === undefined ? (
        <>
          <video ref={video} muted playsInline aria-label="What the camera sees" />
          <p role="status">
            {seen === undefined
              ? "Point the camera at the moving codes."
              : `${seen.known} of ${seen.count} parts read.`}
          </p>
          {seen !== undefined && <progress value={seen.known} max={seen.count} />}
        </>
      ) : (
        <Note tone="danger">
          <p>{failure}</p>
        </Note>
      )}
      <Button onClick={onEnd}>{failure === undefined ? "Stop" : "Back"}</Button>
    </div>
  );
}

/** What the video shows now, no larger than needed; undefined before its first picture. */
function grab(video: HTMLVideoElement): ImageData | undefined {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || videoHeight === 0) return undefined;
  const scale = Math.min(1, SIDE_MAX / Math.max(videoWidth, videoHeight));
  const width = Math.round(videoWidth * scale);
  const height = Math.round(videoHeight * scale);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(video, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height);
}

function describeFailure(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError") {
    return "The camera is not allowed for this page. Allow it in the browser, or choose the file instead.";
  }
  if (name === "NotFoundError") return "This device has no camera. Choose the file instead.";
  return "The camera could not be opened. Choose the file instead.";
}
