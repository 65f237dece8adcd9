import { createServer, type Server, type ServerResponse } from 'node:http';
import type { EventLog } from './event-log.js';
import { ANNOUNCED_VERSION } from './node-handlers.js';

/** `/health/live` (204, or 503 without the database), `/stats`, and `/ping`, which the official clients know. */
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
    } else {
      response.writeHead(404).end();
    }
  });
}

function answerJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
