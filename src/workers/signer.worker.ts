import { expose } from "comlink";
import { createSignerService } from "./signerService.ts";

expose(createSignerService((length) => crypto.getRandomValues(new Uint8Array(length))));
