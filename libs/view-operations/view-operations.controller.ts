import { Controller, Get, Inject, type Type } from '@nestjs/common';
import { ViewOperations } from './view-operations.js';

/** The operators' routes of a service's views, `/v1/operations/{service}/views`. */
export function createViewOperationsController(service: string): Type {
  @Controller(`v1/operations/${service}/views`)
  class ViewOperationsController {
    constructor(@Inject(ViewOperations) private readonly operations: ViewOperations) {}

    @Get()
    async list() {
      return { data: await this.operations.list() };
    }
  }
  return ViewOperationsController;
}
