import { createLocalGenesis } from "../chain/localNetwork.ts";
import { LOCAL_NETWORK } from "../protocol/network.ts";
import { createRules } from "../protocol/rules.ts";
import { answerProof } from "./proofAnswer.ts";

const rules = createRules(LOCAL_NETWORK);
const genesis = createLocalGenesis(rules).header;

self.addEventListener("message", ({ data }: MessageEvent<Uint8Array>) => {
  self.postMessage(answerProof(data, { rules, genesis }));
});
