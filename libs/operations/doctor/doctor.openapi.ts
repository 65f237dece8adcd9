import { type Document, jsonSchema } from '#libs/api/documents/openapi-schemas.js';
import { OperationsOf } from '../operations-of.js';
import { doctorBody, doctorLine } from './doctor.schemas.js';

/** The doctor's route as part of a service's OpenAPI document. */
export function doctorDocument(service: string): Document {
  const operations = new OperationsOf(service);
  const examine = operations.post({
    name: 'Doctor',
    summary: 'Compares streams, topics, views and running entities, and heals differences if requested',
    body: doctorBody,
    reply: jsonSchema(doctorLine, 'output'),
    replyType: 'application/x-ndjson',
    replyDescription: 'Findings as they are made, one JSON object per line',
  });
  return operations.document({ [`${operations.base}/doctor`]: examine });
}
