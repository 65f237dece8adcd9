/** Where the blobs are in an S3-compatible store. */
export interface S3Address {
  readonly bucket: string;
  /** Before all keys: empty, or with a `/` at its end. */
  readonly prefix: string;
  /** Of a store other than Amazon's. */
  readonly endpoint?: string;
  readonly region?: string;
  /** How the store encrypts: `AES256`, or `aws:kms`, with the key if it is not the default one. */
  readonly encryption?: 'AES256' | 'aws:kms';
  readonly kmsKey?: string;
}

const OPTIONS = ['endpoint', 'region', 'encryption', 'kmsKey'];

/**
 * The parts of `s3://bucket/prefix?endpoint=…&region=…&encryption=…&kmsKey=…`. Throws a `TypeError`
 * that says what is wrong with it.
 */
export function s3AddressIn(url: string): S3Address {
  const { hostname: bucket, pathname, searchParams, username, password } = new URL(url);
  const unknown = [...searchParams.keys()].find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) throw new TypeError(`its options are ${OPTIONS.join(', ')}`);
  if (username !== '' || password !== '') throw new TypeError('must not contain a password');
  if (bucket === '') throw new TypeError('must name a bucket');
  const { encryption, endpoint, ...more } = Object.fromEntries(searchParams);
  if (encryption !== undefined && encryption !== 'AES256' && encryption !== 'aws:kms') {
    throw new TypeError('encryption must be AES256 or aws:kms');
  }
  if (endpoint !== undefined && !/^https?:\/\/[^/@]+\/?$/.test(endpoint)) {
    throw new TypeError('endpoint must be http://host:port or https://host:port');
  }
  const path = decodeURIComponent(pathname).split('/').filter(Boolean).join('/');
  return {
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    ...more,
    ...(endpoint !== undefined && { endpoint }),
    ...(encryption !== undefined && { encryption }),
  };
}
