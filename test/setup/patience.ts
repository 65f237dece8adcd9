import { jest } from '@jest/globals';

/** A run that expects tests to hang sets a shorter limit. */
jest.setTimeout(Number(process.env['TEST_LIMIT_MS'] ?? 240_000));
