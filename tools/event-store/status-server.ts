import { createServer, type Server, type ServerResponse } from 'node:http';
import type { EventLog } from './event-log.js';
import { ANNOUNCED_VERSION } from './node-handlers.js';

const LEFT_OUT =
  'AtomPub and the web UI are not supported: an official client uses gRPC on this port, and over HTTP there are /health/live and /stats\n';

/** The paths of the real server. */
const REAL_ONES =
  /^\/($|\?|(admin|elections|gossip|info|projections?|streams|subscriptions|sys|users|web)\b)/;

/**
 * `/health/live` (204, or 503 without the database), `/stats`, and `/ping`, which the official
 * clients use. 501 with an explanation for everything else that the real server offers over HTTP,
 * and 404 for the rest.
 */
export function statusServer(log: EventLog): Server {
  return createServer((request, response) => {
    if (request.url === '/health/live') {
      response.writeHead(log.isConnected ? 204 : 503).end();
    } else if (request.url === '/stats') {
      const stats = {
        version: ANNOUNCED_VERSION,
        lastPosition: String(log.head),
        residentBytes: process.memoryUsage.rss(),
        uptimeSeconds: Math.round(process.uptime()),
      };
      answerJson(response, stats);
    } else if (request.url === '/ping') {
      answerJson(response, { text: 'Ping request successfully handled', msgTypeId: 0 });
    } else if (!REAL_ONES.test(request.url ?? '/')) {
      response.writeHead(404).end();
    } else {
      response.writeHead(501, { 'content-type': 'text/plain' }).end(LEFT_OUT);
    }
  });
}

function answerJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
