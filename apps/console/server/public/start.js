import { offerUsers } from './local-users.js';

const health = document.getElementById('health');
const answer = document.getElementById('answer');
let authorization = {};

for (const origin of document.querySelectorAll('.origin')) origin.textContent = location.origin;

async function showHealth() {
  const answer = await fetch('/health/ready').catch(() => undefined);
  const body = await answer?.json().catch(() => undefined);
  const down = Object.entries(body?.services ?? {}).flatMap(([service, { status, components = {} }]) => {
    const away = Object.entries(components).filter(([, component]) => component.status !== 'up');
    if (status !== 'ok' && away.length === 0) return [`${service}: ${status}`];
    return away.map(([name]) => `${service}: ${name}`);
  });
  const isReady = answer?.ok === true;
  health.dataset.state = isReady ? 'ok' : 'down';
  health.textContent = isReady ? 'everything is up' : `not ready – ${down.join(', ') || 'no answer'}`;
}

/** Shows a list here, because a link cannot send a token. */
async function showList(event) {
  event.preventDefault();
  const reply = await fetch(event.currentTarget.href, { headers: authorization }).catch(() => undefined);
  answer.hidden = false;
  answer.textContent = reply ? JSON.stringify(await reply.json(), undefined, 2) : 'no answer';
}

for (const link of document.querySelectorAll('a[data-list]')) {
  link.addEventListener('click', (event) => void showList(event));
}
void showHealth();
setInterval(() => void showHealth(), 5_000);
await offerUsers(document.getElementById('user'), 'demo', (token) => {
  authorization = { authorization: `Bearer ${token}` };
});
