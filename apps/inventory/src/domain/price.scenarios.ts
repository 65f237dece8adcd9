import { describe, expect } from '@jest/globals';
import { priceContract, type PriceEvent } from '#contracts/price/price.contract.js';
import { DAY, HOUR, moment, SECOND } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import { began, planned, priceEnded, priceOf, priceSet, priceWithdrawn } from './price.fixture.js';
import { MAX_CURRENCIES, MAX_PLANNED } from './price.state.js';

interface Period {
  readonly currency?: string;
  readonly validFrom?: string;
  readonly validUntil?: string;
}

/** Currencies, each with another code. */
function currencies(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    return `X${String.fromCharCode(65 + Math.floor(index / 26))}${String.fromCharCode(65 + (index % 26))}`;
  });
}

/** An event that takes its time from the clock of a real server, since no earlier event sets it. */
function now(event: PriceEvent): PriceEvent {
  return { ...event, data: { ...event.data, validFrom: expect.any(String) } } as unknown as PriceEvent;
}

/** Every rule of a price list, as scenarios that any stage can run. */
export function priceScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, priceContract);

  const set = (unitPrice: number, more: Period = {}, at?: string) =>
    command('SetPrice', { unitPrice, currency: 'USD', ...more }, at);
  const withdraw = (more: Period = {}, at?: string) =>
    command('WithdrawPrice', { currency: 'USD', ...more }, at);
  const begin = (validFrom: string, at?: string) => command('BeginPrice', { currency: 'USD', validFrom }, at);
  const end = (validUntil: string, at?: string) => command('EndPrice', { currency: 'USD', validUntil }, at);

  const inAnHour = moment(HOUR);
  const tomorrow = moment(DAY);

  describe('when an item has no price', () => {
    it('gets one', () =>
      given()
        .when(set(999))
        .then(now(priceSet(999))));

    it('may cost nothing', () =>
      given()
        .when(set(0))
        .then(now(priceSet(0))));

    it('gets one that ends', () =>
      given()
        .when(set(999, { validUntil: tomorrow }, moment()))
        .then(priceSet(999, { validUntil: tomorrow })));

    it('gets one that begins later', () =>
      given()
        .when(set(999, { validFrom: inAnHour }, moment()))
        .then(planned(999, inAnHour)));

    it.each([withdraw(), withdraw({ validFrom: inAnHour }), begin(inAnHour), end(inAnHour)])(
      'has none for $type',
      (command) => given().when(command).thenRejected('PRICE.NOT_FOUND'),
    );
  });

  describe('when a price is valid', () => {
    it('gets another one at once', () => given(priceSet(999)).when(set(899)).then(priceSet(899)));

    it('gets an end', () =>
      given(priceSet(999))
        .when(set(999, { validUntil: tomorrow }))
        .then(priceSet(999, { validUntil: tomorrow })));

    it('does not get the same one again', () =>
      given(priceSet(999)).when(set(999)).thenRejected('PRICE.SAME'));

    it('gets one in another currency', () =>
      given(priceSet(999))
        .when(set(899, { currency: 'EUR' }))
        .then(priceSet(899, { currency: 'EUR' })));

    it('loses it', () =>
      given(priceSet(999))
        .when(withdraw())
        .then(priceWithdrawn(priceOf(999))));

    it('loses it by the time at which it began', () =>
      given(priceSet(999))
        .when(withdraw({ validFrom: moment() }))
        .then(priceWithdrawn(priceOf(999))));

    it('keeps those in other currencies', () =>
      given(priceSet(999), priceSet(899, { currency: 'EUR' }), priceWithdrawn(priceOf(999)))
        .when(withdraw())
        .thenRejected('PRICE.NOT_FOUND'));

    it('has no earlier one to fall back to', () =>
      given(priceSet(999), priceSet(899), priceWithdrawn(priceOf(899)))
        .when(withdraw())
        .thenRejected('PRICE.NOT_FOUND'));

    it('has prices in 50 currencies at most', async () => {
      const all = currencies(MAX_CURRENCIES).map((currency) => priceSet(1, { currency }));
      await given(...all)
        .when(set(2, { currency: 'XAA' }))
        .then(priceSet(2, { currency: 'XAA' }));
      for (const more of [{}, { validFrom: tomorrow }])
        await given(...all)
          .when(set(1, more))
          .thenRejected('PRICE.CURRENCY_LIMIT');
    });
  });

  describe('when a price ends', () => {
    const until = { validUntil: inAnHour };
    const ending = priceOf(999, moment(), until);

    it('is valid before', () =>
      given(priceSet(999, until))
        .when(withdraw({}, moment(HOUR - 0.001)))
        .then(priceWithdrawn(ending, moment(HOUR - 0.001))));

    it('is no longer valid from then on', () =>
      given(priceSet(999, until))
        .when(withdraw({}, inAnHour))
        .thenRejected('PRICE.NOT_FOUND', priceEnded(ending)));

    it('may be set again', () =>
      given(priceSet(999, until))
        .when(set(999, {}, tomorrow))
        .then(priceEnded(ending), priceSet(999, {}, tomorrow)));

    it('does not end early', () =>
      given(priceSet(999, until)).when(end(inAnHour)).thenRejected('PRICE.NOT_DUE'));

    it('does not end at the time of the one that it replaced', () =>
      given(priceSet(999, until), priceSet(899))
        .when(end(inAnHour, inAnHour))
        .thenRejected('PRICE.NOT_FOUND'));
  });

  describe('when a price is planned', () => {
    const saturday = moment(2 * DAY);
    const monday = moment(4 * DAY);
    const sale = [priceSet(999), planned(799, saturday)] as const;

    it('replaces the valid one when it begins', () =>
      given(...sale)
        .when(withdraw({}, saturday))
        .then(began(799, saturday), priceWithdrawn(priceOf(799, saturday), saturday)));

    it('is valid until the next one begins', () =>
      given(...sale, planned(999, monday))
        .when(set(899, {}, moment(5 * DAY)))
        .then(began(799, saturday), began(999, monday), priceSet(899, {}, moment(5 * DAY))));

    it('begins and ends in the order of time', () =>
      given(priceSet(999, { validUntil: saturday }), planned(799, saturday, { validUntil: monday }))
        .when(set(999, {}, monday))
        .then(
          priceEnded(priceOf(999, moment(), { validUntil: saturday })),
          began(799, saturday, { validUntil: monday }),
          priceEnded(priceOf(799, saturday, { validUntil: monday })),
          priceSet(999, {}, monday),
        ));

    it('stays planned when the valid one changes', () =>
      given(...sale, priceSet(899))
        .when(withdraw({ validFrom: saturday }))
        .then(priceWithdrawn(priceOf(799, saturday))));

    it('is withdrawn by its start, and may be planned again', async () => {
      await given(...sale)
        .when(withdraw({ validFrom: saturday }))
        .then(priceWithdrawn(priceOf(799, saturday)));
      await given(...sale, priceWithdrawn(priceOf(799, saturday)))
        .when(set(699, { validFrom: saturday }))
        .then(planned(699, saturday));
    });

    it('is withdrawn by its start once it is valid, too', () =>
      given(...sale)
        .when(withdraw({ validFrom: saturday }, monday))
        .then(began(799, saturday), priceWithdrawn(priceOf(799, saturday), monday)));

    it('has one start to itself in its currency', async () => {
      await given(...sale)
        .when(set(699, { validFrom: saturday }))
        .thenRejected('PRICE.START_TAKEN');
      await given(...sale)
        .when(set(699, { validFrom: saturday, currency: 'EUR' }))
        .then(planned(699, saturday, { currency: 'EUR' }));
    });

    it('does not begin early', () =>
      given(...sale)
        .when(begin(saturday))
        .thenRejected('PRICE.NOT_DUE'));

    it('is one of 100 at most', async () => {
      const all = Array.from({ length: MAX_PLANNED }, (_, index) => planned(1, moment(DAY + index)));
      await given(...all.slice(1))
        .when(set(1, { validFrom: inAnHour }))
        .then(planned(1, inAnHour));
      await given(...all)
        .when(set(1, { validFrom: inAnHour }))
        .thenRejected('PRICE.PLANNED_LIMIT');
      await given(...all)
        .when(set(1))
        .then(priceSet(1));
    });
  });

  describe('when the period of a price is checked', () => {
    const tenYears = moment(3_653 * DAY);
    const later = moment(3_653 * DAY + 0.001);

    it.each([
      { validFrom: moment() },
      { validFrom: moment(-SECOND) },
      { validUntil: moment() },
      { validFrom: tomorrow, validUntil: tomorrow },
      { validFrom: tomorrow, validUntil: inAnHour },
      { validFrom: later },
      { validUntil: later },
      { validFrom: tomorrow, validUntil: later },
    ])('is refused: %j', (period) =>
      given()
        .when(set(999, period, moment()))
        .thenRejected('PRICE.PERIOD_INVALID'),
    );

    it('lasts ten years at most', () =>
      given()
        .when(set(999, { validFrom: moment(0.001), validUntil: tenYears }, moment()))
        .then(planned(999, moment(0.001), { validUntil: tenYears })));
  });
}
