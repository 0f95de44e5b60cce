import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "@/design/index.css";
import { createRoot } from "react-dom/client";
import { Toaster, TooltipProvider } from "@/ui";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <TooltipProvider>
      <Toaster />
    </TooltipProvider>,
  );
