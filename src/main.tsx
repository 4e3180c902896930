import { createRoot } from "react-dom/client";
import { App } from "./ui/app/App.tsx";
import { registerServiceWorker } from "./ui/app/registerServiceWorker.ts";
import { connectWallet } from "./workers/walletClient.ts";
import "./ui/styles/index.css";

const place = document.getElementById("app");
if (place === null) throw new Error("expected an element #app in the page");

createRoot(place).render(<App api={connectWallet()} />);
if (import.meta.env.PROD) registerServiceWorker();
