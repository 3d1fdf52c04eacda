// A real OpenID Connect provider for tests, made to issue tokens as others do. Its only argument is a JSON object:
//   port, path       its issuer is http://localhost:PORT + PATH
//   clients          as in the OpenID Connect registration
//   resource         access tokens are for this resource: {audience, format: "jwt" or "opaque", header, claims}
//   idTokenClaims    further claims of id tokens
//   tokenIssuer      path of another issuer's name in access tokens, with the same keys
//   seconds          lifetime of access tokens and id tokens
//   refresh          whether refresh tokens are given; each can be used once
// Whoever comes is signed in as `login_hint`, or else as `ada`, without a page.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const given = JSON.parse(process.argv[2]);
const base = `http://localhost:${given.port}`;
const path = (given.path ?? "").replace(/\/$/, "");
const issuer = base + (given.path ?? "");
const seconds = given.seconds ?? 3600;
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const resource = given.resource;

const provider = new Provider(issuer, {
  clients: given.clients,
  jwks: { keys: [{ ...key, kid: "provider", use: "sig", alg: "RS256" }] },
  cookies: { keys: ["a key for cookies in tests"] },
  claims: { openid: ["sub", ...Object.keys(given.idTokenClaims ?? {})], email: ["email"], profile: ["name"] },
  conformIdTokenClaims: false,
  scopes: ["openid", "offline_access", "email", "profile"],
  pkce: { required: () => false },
  rotateRefreshToken: true,
  issueRefreshToken: async () => Boolean(given.refresh),
  ttl: { AccessToken: seconds, IdToken: seconds, RefreshToken: 86400, Session: 86400, Grant: 86400, Interaction: 600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out) => { ctx.body = JSON.stringify(out); },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: sub, email: `${sub}@example.com`, ...given.idTokenClaims }),
  }),
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid offline_access email profile");
    if (resource) grant.addResourceScope(`${base}/resource`, "read");
    await grant.save();
    return grant;
  },
  extraTokenClaims: async () => resource?.claims,
  formats: {
    customizers: {
      jwt: (_, __, parts) => {
        if (resource?.header) parts.header = { ...parts.header, ...resource.header };
        if (given.tokenIssuer) parts.payload.iss = base + given.tokenIssuer;
      },
    },
  },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `<body>${form}<script>
          const form = document.getElementById("op.logoutForm");
          form.insertAdjacentHTML("beforeend", '<input type="hidden" name="logout" value="yes">');
          form.submit();</script>`;
      },
    },
    resourceIndicators: {
      enabled: Boolean(resource),
      defaultResource: () => `${base}/resource`,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: "read",
        audience: resource.audience,
        accessTokenTTL: seconds,
        accessTokenFormat: resource.format,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
  },
});

const answer = provider.callback();
const metadata = "/.well-known/openid-configuration";

createServer(async (request, response) => {
  if (given.tokenIssuer && request.url === given.tokenIssuer.replace(/\/$/, "") + metadata) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ issuer: base + given.tokenIssuer, jwks_uri: `${base}/jwks` }));
  } else if (request.url.startsWith("/interaction/")) {
    const { params } = await provider.interactionDetails(request, response);
    await provider.interactionFinished(request, response, { login: { accountId: params.login_hint ?? "ada" } });
  } else {
    if (path && request.url.startsWith(`${path}/`)) {
      request.originalUrl = request.url;
      request.url = request.url.slice(path.length);
    }
    answer(request, response);
  }
}).listen(given.port, "localhost", () => console.log("ready"));
