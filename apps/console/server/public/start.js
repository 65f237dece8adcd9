const health = document.getElementById('health');

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

await showHealth();
setInterval(() => void showHealth(), 5_000);
