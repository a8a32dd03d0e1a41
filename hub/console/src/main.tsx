import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./style/base.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has #root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
