import encodeQR from "qr";
import decodeQR from "qr/decode.js";
import { type Collected, createFrameCollector } from "../proof/collectFrames.ts";
import { createFrames, QR_FILE_BYTES_MAX } from "../proof/qrFrames.ts";

/** A file as a row of QR codes for the page's screen, and back from the pictures of a camera. Loaded when first asked for. */

/** Rows of modules from the top, true for dark, with a light border around. */
export type CodeModules = readonly (readonly boolean[])[];

export type FileCodes = {
  /** Codes after which a file is whole, if none is missed. */
  readonly count: number;
  readonly codeAt: (index: number) => CodeModules;
};

/** The codes of a file; undefined for one that is empty, or too long to be looked at. */
export function createCodes(file: Uint8Array): FileCodes | undefined {
  if (file.length === 0 || file.length > QR_FILE_BYTES_MAX) return undefined;
  const { count, textOf } = createFrames(file);
  return {
    count,
    codeAt: (index) => encodeQR(textOf(index), "raw", { ecc: "low", border: 4 }),
  };
}

/** A picture, four bytes a pixel. */
export type Picture = {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
};

/** Reads pictures one after another. `nothing`: there is no code in it, or none of a file. */
export function createCodeReader(): {
  read(picture: Picture): Collected | { readonly kind: "nothing" };
} {
  const collector = createFrameCollector();
  return {
    read({ width, height, data }) {
      let text: string;
      try {
        text = decodeQR({ width, height, data });
      } catch {
        // It throws where it finds none, which most pictures are.
        return { kind: "nothing" };
      }
      return collector.take(text);
    },
  };
}
