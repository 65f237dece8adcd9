import { Controller, Get, type Type } from '@nestjs/common';
import type { Document } from '../documents/openapi-schemas.js';

/** Serves what clients are made from: `/openapi.json` and `/asyncapi.json`. */
export function createDocumentsController(openApi: Document, asyncApi: Document): Type {
  @Controller()
  class DocumentsController {
    @Get('openapi.json')
    openApi() {
      return openApi;
    }

    @Get('asyncapi.json')
    asyncApi() {
      return asyncApi;
    }
  }
  return DocumentsController;
}
