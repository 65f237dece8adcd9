import { describe, expect, it } from '@jest/globals';
import { clientProblem, rawReply } from './client-error.js';

const failure = (code: string | undefined, arrived = '') =>
  Object.assign(new Error('refused'), {
    ...(code !== undefined && { code }),
    rawPacket: Buffer.from(arrived),
  });

describe('input that is not a request', () => {
  it.each([
    ['ERR_HTTP_REQUEST_TIMEOUT', '', '408 Request Timeout', 'REQUEST.TIMEOUT'],
    ['HPE_HEADER_OVERFLOW', '', '431 Request Header Fields Too Large', 'REQUEST.HEADERS_TOO_LARGE'],
    ['HPE_INVALID_METHOD', 'FOO / HTTP/1.1\r\n', '501 Not Implemented', 'ROUTE.METHOD_NOT_IMPLEMENTED'],
    ['HPE_INVALID_METHOD', 'get /a HTTP/1.1\r\n', '501 Not Implemented', 'ROUTE.METHOD_NOT_IMPLEMENTED'],
    ['HPE_INVALID_METHOD', 'HELLO\r\n', '400 Bad Request', 'REQUEST.INVALID'],
    [undefined, '', '400 Bad Request', 'REQUEST.INVALID'],
  ])('for %s (%j) is answered %s', (error, arrived, status, code) => {
    const [head = '', body = ''] = rawReply(clientProblem(failure(error, arrived))).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\n`);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ code, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });
});
