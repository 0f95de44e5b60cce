import { useEffect, useState } from "react";
import { Button, IconButton } from "./button";
import { toast } from "./toast";

interface CopyButtonProps {
  /** What goes to the clipboard; a function is called when pressed. */
  text: string | (() => string);
  /** "Copy curl", "Copy id". */
  label: string;
  /** Only the icon, with the label as its tooltip. */
  iconOnly?: boolean;
  size?: "small" | "medium";
  className?: string;
}

/** Copies text and says so in place. */
export function CopyButton({ text, label, iconOnly, size = "small", className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
      setCopied(true);
    } catch {
      // Browsers keep the clipboard from pages on plain http other than localhost.
      toast({
        tone: "bad",
        title: "The browser did not allow copying",
        description: "Select the text and copy it by hand.",
      });
    }
  };

  const icon = copied ? "check" : "copy";
  if (iconOnly) {
    return (
      <IconButton
        icon={icon}
        label={copied ? "Copied" : label}
        size={size}
        onClick={copy}
        className={className}
      />
    );
  }
  return (
    <Button icon={icon} size={size} onClick={copy} className={className}>
      {copied ? "Copied" : label}
    </Button>
  );
}
