// A real authorisation server (oidc-provider) and the API it protects, for tests of connections.
//
//   node server.mjs REDIRECT_ADDRESS
//
// prints one line of JSON with its address and clients, and serves until its input ends. Access tokens live for
// whatever TOKEN_SECONDS says, refresh tokens are rotated and good for one use, as with the strictest vendors. `/api/*`
// asks the server itself whether a token is good. `/counts` says how often tokens were asked for, `/expire` ends every
// access token there is, `/withdraw` takes back what people allowed.

import { createServer } from "node:http";
import { randomBytes } from "node:crypto";
import Provider from "oidc-provider";

const [redirect] = process.argv.slice(2);
const secret = (name) => `canary-${name}-${randomBytes(12).toString("hex")}`;
const client = { id: "trunkline", secret: secret("client") };
const service = { id: "service", secret: secret("service") };
const life = Number(process.env.TOKEN_SECONDS ?? 3600);

const listener = createServer();
await new Promise((ready) => listener.listen(0, "127.0.0.1", ready));
const address = `http://127.0.0.1:${listener.address().port}`;

const provider = new Provider(address, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [redirect],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_post",
    },
    {
      client_id: service.id,
      client_secret: service.secret,
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  scopes: ["openid", "offline_access", "read"],
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
  },
  issueRefreshToken: async () => true,
  rotateRefreshToken: () => true,
  ttl: {
    AccessToken: life,
    ClientCredentials: life,
    RefreshToken: 3600,
    AuthorizationCode: 60,
    Grant: 3600,
    Interaction: 600,
    Session: 3600,
  },
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  cookies: { keys: [randomBytes(16).toString("hex")] },
});

const counts = { code: 0, refresh: 0, client: 0, api: 0, refused: 0 };
const issued = { authorization_code: "code", refresh_token: "refresh", client_credentials: "client" };
provider.on("grant.success", ({ oidc }) => {
  counts[issued[oidc.params.grant_type]] += 1;
});
provider.on("grant.error", () => {
  counts.refused += 1;
});

const tokens = new Set();
const dead = new Set();
const grants = new Set();
provider.on("access_token.saved", (token) => tokens.add(token.jti));
provider.on("client_credentials.saved", (token) => tokens.add(token.jti));
provider.on("grant.saved", (grant) => grants.add(grant));

const json = (response, status, body) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

async function isGood(token) {
  if (!token || dead.has(token)) return false;
  const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
  return Boolean(found?.isValid);
}

const answer = provider.callback();
listener.on("request", async (request, response) => {
  const path = request.url.split("?")[0];
  if (path === "/counts") return json(response, 200, counts);
  if (path === "/expire") {
    for (const token of tokens) dead.add(token);
    return json(response, 200, { ended: dead.size });
  }
  if (path === "/withdraw") {
    for (const grant of grants) await grant.destroy();
    return json(response, 200, { withdrawn: grants.size });
  }
  if (!path.startsWith("/api/")) return answer(request, response);
  counts.api += 1;
  const token = request.headers.authorization?.replace(/^Bearer /, "");
  if (!(await isGood(token))) return json(response, 401, { error: `the token ${token} is not good` });
  return json(response, 200, { name: "Analytical Engines", echoed: token, path });
});

console.log(JSON.stringify({ address, client, service }));
process.stdin.on("end", () => process.exit(0)).resume();
