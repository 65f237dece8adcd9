import { applyDecorators, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';

/** Passes errors on as they are. Nest would replace them by "Internal server error". */
@Catch()
class PassOnFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Marks the handler of the batches of these topics. If it throws, the consumer gets the error and
 * repeats the batch.
 */
export function BatchPattern(topics: readonly string[]): MethodDecorator {
  return applyDecorators(EventPattern<readonly string[]>(topics), UseFilters(PassOnFilter));
}
