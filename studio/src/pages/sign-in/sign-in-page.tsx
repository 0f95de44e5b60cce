import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, keys, useSession } from "@/api";
import { Redirect } from "@/app/redirect";
import { PasswordInput } from "@/pages/setup/password-input";
import { FormError } from "@/pages/setup/setup-page";
import { WelcomeFrame } from "@/pages/setup/welcome-frame";
import { Button, Field, Input } from "@/ui";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { back } = route.useSearch();
  const session = useSession();
  const client = useQueryClient();
  const router = useRouter();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  if (session.data?.state === "setup") return <Redirect to="/setup" />;
  if (session.data?.state === "signed_in" && !busy) return <Redirect to={target(back)} />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const signedIn = await api.signIn({ email: email.trim(), password });
      // What another user saw must not be shown to this one.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      client.setQueryData(keys.session, signedIn);
      router.history.replace(target(back));
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };

  return (
    <WelcomeFrame title="Sign in" lead="To your Trunkline.">
      <form onSubmit={submit} className="flex flex-col gap-4">
        {error ? <FormError error={error} /> : null}
        <Field label="E-mail">
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Password">
          {(control) => (
            <PasswordInput
              control={{ ...control, required: true }}
              value={password}
              onValueChange={setPassword}
              autoComplete="current-password"
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="large" busy={busy}>
          Sign in
        </Button>
      </form>
    </WelcomeFrame>
  );
}

/** Only a path of this studio is gone back to; an address of another site would make us a stepping stone. */
export function target(back: string): string {
  return /^\/(?![/\\])/.test(back) ? back : "/workflows";
}
