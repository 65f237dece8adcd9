// The address of a link holds its code after the `#`, which no browser sends to a server. It moves
// into the form, and out of the address, so that it stays out of the history of the browser, too.
const token = location.hash.slice(1);
if (token !== '') {
  history.replaceState(null, '', location.pathname);
  const field = document.getElementById('token');
  field.value = token;
  field.type = 'hidden';
  document.querySelector('label[for="token"]').hidden = true;
  const [approval, choice] = whatFor(token);
  const verb = choice === 'reject' ? 'Reject' : 'Approve';
  document.getElementById('asked').textContent = `${verb} ${approval}?`;
  document.getElementById('confirm').textContent = verb;
}

/** The approval and the choice. The server checks them: this is only for people. */
function whatFor(code) {
  try {
    const [payload = ''] = code.split('.');
    const text = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
    const [stream, , choice] = JSON.parse(text);
    return [stream.slice(stream.indexOf('.') + 1), choice];
  } catch {
    return ['this', 'approve'];
  }
}
