import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { clsx } from "clsx";
import { type FormEvent, useState } from "react";
import { ApiError, api, keys, tell, useSession } from "@/api";
import { Redirect } from "@/app/redirect";
import { Button, ErrorCode, Field, Input } from "@/ui";
import { PasswordInput } from "./password-input";
import { SHORTEST, type Strength, strengthOf } from "./password-strength";
import { WelcomeFrame } from "./welcome-frame";

const route = getRouteApi("/setup");

/** The first page of a new Trunkline: from the one-time link to an account and a workspace. */
export function SetupPage() {
  const { token } = route.useSearch();
  const session = useSession();
  if (session.data?.state === "signed_in") return <Redirect to="/workflows" />;
  if (session.data?.state === "signed_out") {
    return (
      <WelcomeFrame title="Set-up is done" lead="This Trunkline already has an owner.">
        <Link to="/sign-in" search={{ back: "" }} className="font-medium text-accent-text hover:underline">
          Go to sign-in
        </Link>
      </WelcomeFrame>
    );
  }
  if (!token) {
    return (
      <WelcomeFrame
        title="Open the set-up link"
        lead="A new Trunkline is set up through a link that works once, so that nobody else can take it."
      >
        <ol className="list-decimal space-y-1.5 pl-5 text-base">
          <li>Look at the terminal in which Trunkline was started.</li>
          <li>
            Find the line with an address that ends in{" "}
            <code className="rounded-sm bg-sunken px-1 font-mono text-xs">/setup?token=…</code>
          </li>
          <li>Open that whole address in this browser.</li>
        </ol>
      </WelcomeFrame>
    );
  }
  return <SetupForm token={token} />;
}

function SetupForm({ token }: { token: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [workspace, setWorkspace] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const strength = strengthOf(password, email);
  const emailError =
    tried && !/^\S+@\S+$/.test(email) ? "Write your e-mail address, for example ana@acme.com." : undefined;
  const passwordError = tried && strength.level === 0 ? `Use at least ${SHORTEST} characters.` : undefined;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!/^\S+@\S+$/.test(email) || strength.level === 0) return;
    setBusy(true);
    setError(null);
    try {
      const session = await api.setUp({
        token,
        email: email.trim(),
        password,
        ...(workspace.trim() ? { workspace_name: workspace.trim() } : {}),
      });
      client.setQueryData(keys.session, session);
      await navigate({ to: "/workflows" });
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };

  return (
    <WelcomeFrame
      title="Welcome to Trunkline"
      lead="Make the owner’s account. Everything stays on your own machine."
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {error ? <FormError error={error} /> : null}
        <Field label="E-mail" error={emailError} required>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <div>
          <Field
            label="Password"
            help={`At least ${SHORTEST} characters; a few unrelated words are easy to remember.`}
            error={passwordError}
            required
          >
            {(control) => (
              <PasswordInput
                control={control}
                value={password}
                onValueChange={setPassword}
                autoComplete="new-password"
              />
            )}
          </Field>
          {password ? <StrengthBar strength={strength} /> : null}
        </div>
        <Field label="Name of the workspace" help="Your company or team. It can be left empty.">
          {(control) => (
            <Input
              {...control}
              placeholder="Acme"
              autoComplete="organization"
              value={workspace}
              onChange={(event) => setWorkspace(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" variant="primary" size="large" busy={busy}>
          Create the account
        </Button>
      </form>
      <section className="mt-8 border-t border-border pt-4">
        <h2 className="text-xs font-semibold text-muted">What comes next</h2>
        <ol className="mt-2 list-decimal space-y-1.5 pl-4 text-muted">
          <li>You land in a workspace with a working example, “Inbound lead to owner”.</li>
          <li>Send it a sample lead and watch each step light up.</li>
          <li>Draw your own workflow, try it, and publish it when it does what you want.</li>
        </ol>
      </section>
    </WelcomeFrame>
  );
}

function StrengthBar({ strength }: { strength: Strength }) {
  const colours = ["bg-bad-line", "bg-bad-line", "bg-warn-line", "bg-ok-line", "bg-ok-line"];
  return (
    <div className="mt-1.5">
      <div className="flex gap-1" aria-hidden>
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={clsx(
              "h-1 flex-1 rounded-full",
              step <= strength.level ? colours[strength.level] : "bg-sunken",
            )}
          />
        ))}
      </div>
      <p className="mt-1 text-xs text-muted" aria-live="polite">
        {strength.words}
      </p>
    </div>
  );
}

/** Why the form was refused, at its head where the eye returns to. */
export function FormError({ error }: { error: unknown }) {
  const told = tell(error);
  return (
    <div role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
      <p className="font-medium">{told.title}</p>
      <p className="text-sm">{[told.detail, told.action].filter(Boolean).join(" ")}</p>
      {error instanceof ApiError ? <ErrorCode code={error.code} /> : null}
    </div>
  );
}
