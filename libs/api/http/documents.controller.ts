import { Controller, Get } from '@nestjs/common';
import type { Document } from '../documents/openapi-schemas.js';
import { Public } from './access.js';

/** The OpenAPI and AsyncAPI documents of a service. */
export class ApiDocuments {
  constructor(
    readonly openApi: Document,
    readonly asyncApi: Document,
  ) {}
}

/** Serves `/openapi.json` and `/asyncapi.json`, from which clients are generated. */
@Controller()
export class DocumentsController {
  constructor(private readonly documents: ApiDocuments) {}

  @Public()
  @Get('openapi.json')
  openApi(): Document {
    return this.documents.openApi;
  }

  @Public()
  @Get('asyncapi.json')
  asyncApi(): Document {
    return this.documents.asyncApi;
  }
}
