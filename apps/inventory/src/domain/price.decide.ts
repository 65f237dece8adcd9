import type { ListedPrice, PriceCommand, PriceEvent } from '#contracts/price/price.contract.js';
import type { PriceRejectionCode } from '#contracts/price/price.rejections.js';
import { type Rejection, reject } from '#libs/core/rejection.js';
import { toMilliseconds } from '#libs/core/timestamp.js';
import { findPlanned, findPrice, MAX_CURRENCIES, MAX_PLANNED, type PriceState } from './price.state.js';

type Decision = readonly PriceEvent[] | Rejection;
type CommandNamed<Type> = Extract<PriceCommand, { type: Type }>;

const TEN_YEARS_MILLISECONDS = 3_653 * 24 * 60 * 60 * 1_000;

export function decidePrice(command: PriceCommand, state: PriceState): Decision {
  switch (command.type) {
    case 'SetPrice':
      return setPrice(command, state);
    case 'WithdrawPrice':
      return withdraw(command, state);
    case 'BeginPrice':
      return begin(command, state);
    case 'EndPrice':
      return end(command, state);
    default:
      return unknown(command);
  }
}

function setPrice({ data, at }: CommandNamed<'SetPrice'>, state: PriceState): Decision {
  const price = { ...data, validFrom: data.validFrom ?? at };
  const invalid = invalidPeriod(price, data.validFrom !== undefined, at) ?? anotherCurrency(price, state);
  if (invalid) return invalid;
  return data.validFrom === undefined ? setNow(price, state) : plan(price, state);
}

function setNow(price: ListedPrice, state: PriceState): Decision {
  const current = findPrice(state, price.currency);
  return current?.unitPrice === price.unitPrice && current.validUntil === price.validUntil
    ? no('PRICE.SAME', `the price is already ${price.unitPrice} ${price.currency}`)
    : [{ type: 'PriceSet', data: price }];
}

function plan(price: ListedPrice, state: PriceState): Decision {
  if (findPlanned(state, price)) {
    return no('PRICE.START_TAKEN', `a price in ${price.currency} already begins at ${price.validFrom}`);
  }
  return state.planned.length >= MAX_PLANNED
    ? no('PRICE.PLANNED_LIMIT', `${MAX_PLANNED} prices are planned`)
    : [{ type: 'PricePlanned', data: price }];
}

function withdraw({ data, at }: CommandNamed<'WithdrawPrice'>, state: PriceState): Decision {
  const { currency, validFrom } = data;
  const current = findPrice(state, currency);
  const isCurrent = validFrom === undefined || current?.validFrom === validFrom;
  const price = isCurrent ? current : findPlanned(state, { currency, validFrom });
  if (price) return [{ type: 'PriceWithdrawn', data: { ...price, withdrawnAt: at } }];
  const when = validFrom === undefined ? 'is valid now' : `begins at ${validFrom}`;
  return no('PRICE.NOT_FOUND', `no price in ${currency} ${when}`);
}

function begin({ data, at }: CommandNamed<'BeginPrice'>, state: PriceState): Decision {
  const price = findPlanned(state, data);
  if (!price) return no('PRICE.NOT_FOUND', `no price in ${data.currency} begins at ${data.validFrom}`);
  return price.validFrom > at
    ? no('PRICE.NOT_DUE', `the price begins at ${price.validFrom}`)
    : [{ type: 'PriceBegan', data: price }];
}

function end({ data, at }: CommandNamed<'EndPrice'>, state: PriceState): Decision {
  const price = findPrice(state, data.currency);
  if (price?.validUntil !== data.validUntil || !price) {
    return no('PRICE.NOT_FOUND', `no price in ${data.currency} ends at ${data.validUntil}`);
  }
  return data.validUntil > at
    ? no('PRICE.NOT_DUE', `the price ends at ${data.validUntil}`)
    : [{ type: 'PriceEnded', data: price }];
}

function invalidPeriod(
  { validFrom, validUntil }: ListedPrice,
  isPlanned: boolean,
  at: string,
): Rejection | undefined {
  const invalid = (detail: string) => no('PRICE.PERIOD_INVALID', detail);
  if (isPlanned && validFrom <= at) return invalid(`${validFrom} is not after ${at}`);
  if (validUntil !== undefined && validUntil <= validFrom) {
    return invalid(`${validUntil} is not after ${validFrom}`);
  }
  const last = validUntil ?? validFrom;
  return toMilliseconds(last) - toMilliseconds(at) > TEN_YEARS_MILLISECONDS
    ? invalid(`${last} is over ten years after ${at}`)
    : undefined;
}

function anotherCurrency({ currency }: ListedPrice, { prices, planned }: PriceState): Rejection | undefined {
  const currencies = new Set([...prices, ...planned].map((price) => price.currency));
  return currencies.size >= MAX_CURRENCIES && !currencies.has(currency)
    ? no('PRICE.CURRENCY_LIMIT', `there are prices in ${currencies.size} currencies`)
    : undefined;
}

function no(code: PriceRejectionCode, detail: string): Rejection {
  return reject(code, detail);
}

/** The contract accepts no other type. A new one fails to compile here. */
function unknown(command: never): never {
  throw new TypeError(`no rule for ${(command as PriceCommand).type}`);
}
