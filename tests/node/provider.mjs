// A real OpenID Connect provider for the tests: `node provider.mjs PORT CLIENT_ID SECRET BACK_URL OUT_URL`.
//
// A person signs in at once, as whom the test named last: `POST /next` with {"id", "claims"}, or
// {"refuse": true}. Everything else is as the library does it.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [port, clientId, secret, backUrl, outUrl] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const people = new Map();
let next = { refuse: true };

const signing = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...signing.privateKey.export({ format: 'jwk' }), kid: 'signing', use: 'sig', alg: 'RS256' };

const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId,
    client_secret: secret,
    redirect_uris: [backUrl],
    post_logout_redirect_uris: [outUrl],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  jwks: { keys: [key] },
  cookies: { keys: ['only of tests'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  ttl: { AuthorizationCode: 60, IdToken: 300, Interaction: 60, Session: 60, Grant: 60, AccessToken: 60 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();

createServer(async (request, response) => {
  if (request.url === '/next') {
    const parts = [];
    for await (const part of request) parts.push(part);
    next = JSON.parse(Buffer.concat(parts));
    if (next.id) people.set(next.id, next.claims);
    response.end();
  } else if (request.url.startsWith('/interaction/')) {
    const outcome = next.refuse ? { error: 'access_denied' } : { login: { accountId: next.id } };
    await provider.interactionFinished(request, response, outcome, { mergeWithLastSubmission: false });
  } else {
    answer(request, response);
  }
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
