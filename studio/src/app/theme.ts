import { create } from "zustand";

export type ThemeChoice = "light" | "dark" | "system";

/** Also read by public/theme.js before the first paint. */
const STORAGE_KEY = "trunkline.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

interface Theme {
  choice: ThemeChoice;
  choose: (choice: ThemeChoice) => void;
}

export const useTheme = create<Theme>((set) => ({
  choice: stored(),
  choose: (choice) => {
    set({ choice });
    try {
      localStorage.setItem(STORAGE_KEY, choice);
    } catch {
      // Without storage the choice lasts until the page is closed.
    }
    apply(choice);
  },
}));

dark.addEventListener("change", () => apply(useTheme.getState().choice));

function apply(choice: ThemeChoice): void {
  const isDark = choice === "dark" || (choice === "system" && dark.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(STORAGE_KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
