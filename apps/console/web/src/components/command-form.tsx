import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type CommandEntry, mayUse } from '../api/catalog.js';
import { isAway } from '../api/client.js';
import { useSession } from '../api/session.js';
import type { Schema } from '../../../server/catalog.types.js';
import { type Outcome, sendCommand, type Sending } from '../api/send-command.js';
import { CommandOutcome } from './command-outcome.js';
import { currencyOf } from './money.js';
import { CopyButton } from './copy-button.js';
import { curlOf } from './curl.js';
import { ObjectFields } from './schema-field.js';
import { fieldsOf, Form, startOf } from './schema.js';

interface CommandFormProps {
  readonly category: string;
  readonly command: CommandEntry;
  readonly id: string;
  readonly currency: string | undefined;
  /** JSON that the form starts with, as links to it name it. */
  readonly given: string | undefined;
}

/** A command as a form made of its schema: sent under one key, so that a repeat is no second command. */
export function CommandForm({ category, command, id, currency, given }: CommandFormProps) {
  const schema = useOffered(command);
  const [body, setBody] = useState<unknown>(() => startWith(schema, given));
  const { outcome, isSending, submit } = useSending({ category, command, id, body });
  const known = currencyOf(body, currency);
  const path = command.path.replace('{id}', encodeURIComponent(id));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void submit(false);
  };
  return (
    <form className="command" onSubmit={onSubmit} aria-label={command.title}>
      <p className="quiet">{command.summary}</p>
      <Form value={{ errors: outcome?.problem?.errors ?? [], currency: known }}>
        <ObjectFields schema={schema} pointer="" value={body} onChange={setBody} />
      </Form>
      <div className="buttons">
        <button type="submit" className="main-button" disabled={isSending}>
          {command.title}
        </button>
        {command.hasDryRun && (
          <button type="button" disabled={isSending} onClick={() => void submit(true)}>
            Dry run
          </button>
        )}
        <CopyButton label="Copy as curl" text={() => curlOf(path, body)} />
      </div>
      <CommandOutcome outcome={outcome} isSending={isSending} currency={known} />
    </form>
  );
}

/** The fields that a link names, and constants. A link is not trusted to be JSON. */
function startWith(schema: Schema, given = '{}'): unknown {
  const start = startOf(schema) ?? {};
  try {
    const named: unknown = JSON.parse(given);
    return typeof named === 'object' ? { ...start, ...named } : start;
  } catch {
    return start;
  }
}

/** Fields that the user may not name are not offered. */
function useOffered({ body = {}, allowFields = {} }: CommandEntry): Schema {
  const session = useSession();
  const properties = fieldsOf(body).filter(({ name }) => mayUse(allowFields[name], session));
  return {
    ...body,
    type: 'object',
    properties: Object.fromEntries(properties.map((one) => [one.name, one.schema])),
  };
}

function useSending(command: Omit<Sending, 'isDryRun' | 'key'>) {
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome>();
  const [isSending, setSending] = useState(false);
  const [sent, setSent] = useState({ text: '', key: '' });
  const submit = async (isDryRun: boolean): Promise<void> => {
    const text = JSON.stringify(command.body);
    // The same content after a lost answer is the same command.
    const isRepeat = sent.text === text && isAway(outcome?.problem);
    const key = isRepeat ? sent.key : crypto.randomUUID();
    setSent({ text, key });
    setSending(true);
    setOutcome(await sendCommand({ ...command, isDryRun, key }));
    setSending(false);
    if (!isDryRun) await client.invalidateQueries();
  };
  return { outcome, isSending, submit };
}
