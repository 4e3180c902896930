import { createRoot } from "react-dom/client";
import { StandAloneChecker } from "./ui/proof/StandAloneChecker.tsx";
import ProofWorker from "./workers/proof.worker.ts?worker&inline";
import { checkProof } from "./workers/proofCheck.ts";
import "./ui/styles/index.css";

const place = document.getElementById("app");
if (place === null) throw new Error("expected an element #app in the page");

const check = (bytes: Uint8Array) => checkProof(bytes, () => new ProofWorker());
createRoot(place).render(<StandAloneChecker check={check} />);
