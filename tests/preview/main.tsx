import { createRoot } from "react-dom/client";
import { App } from "../../src/ui/app/App.tsx";
import { offerUpdate } from "../../src/ui/store.ts";
import "../../src/ui/styles/index.css";
import { createPreviewApi } from "./previewApi.ts";
import { states } from "./states.ts";

const name = new URLSearchParams(window.location.search).get("state");
const state = states.find((candidate) => candidate.name === name);
const place = document.getElementById("app");
if (place === null) throw new Error("expected an element #app in the page");

if (state === undefined) {
  const list = states.map(({ name, path }) => {
    const link = document.createElement("a");
    link.href = `?state=${name}#${path}`;
    link.textContent = name;
    return link;
  });
  for (const link of list) place.append(link, document.createElement("br"));
} else {
  if (state.hasUpdate === true) offerUpdate(() => undefined);
  createRoot(place).render(<App api={createPreviewApi(state)} />);
}
