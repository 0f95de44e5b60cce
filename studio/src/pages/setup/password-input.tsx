import { useState } from "react";
import { type FieldControlProps, IconButton, Input } from "@/ui";

interface PasswordInputProps {
  control: FieldControlProps;
  value: string;
  onValueChange: (value: string) => void;
  autoComplete: "new-password" | "current-password";
}

/** A password box whose content can be shown: typing blind makes weak passwords. */
export function PasswordInput({ control, value, onValueChange, autoComplete }: PasswordInputProps) {
  const [shown, setShown] = useState(false);
  return (
    <span className="relative block">
      <Input
        {...control}
        type={shown ? "text" : "password"}
        autoComplete={autoComplete}
        className="pr-9"
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
      />
      <IconButton
        icon={shown ? "eye-off" : "eye"}
        label={shown ? "Hide the password" : "Show the password"}
        size="small"
        noTooltip
        className="absolute top-1 right-1"
        onClick={() => setShown(!shown)}
      />
    </span>
  );
}
