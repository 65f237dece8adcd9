/** Each test file ends the server that it has started. Nothing is shared between them. */
export default function nothingToTearDown(): void {
  delete process.env['TEMPORAL_TEST_SERVER'];
  delete process.env['TEMPORAL_PROGRAM'];
}
