import { Controller, Get, type Type } from '@nestjs/common';
import type { Document } from './openapi-schemas.js';

/** Serves the document at `/openapi.json`. */
export function createOpenApiController(document: Document): Type {
  @Controller()
  class OpenApiController {
    @Get('openapi.json')
    get() {
      return document;
    }
  }
  return OpenApiController;
}
