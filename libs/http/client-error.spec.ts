import { describe, expect, it } from '@jest/globals';
import { clientErrorReply } from './client-error.js';

describe('what never became a request', () => {
  it.each([
    ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout', 'REQUEST.TIMEOUT'],
    ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large', 'REQUEST.HEADERS_TOO_LARGE'],
    ['HPE_INVALID_METHOD', '400 Bad Request', 'REQUEST.INVALID'],
    [undefined, '400 Bad Request', 'REQUEST.INVALID'],
  ])('for %s is answered %s', (error, status, code) => {
    const [head = '', body = ''] = clientErrorReply(error).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\n`);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });
});
