import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Console, mayUse, useConsole } from '../api/catalog.js';
import { perdure } from '../api/client.js';
import { type SavedView, useSavedViews } from '../api/saved-views.js';
import { chooseUser, type Session, useSession } from '../api/session.js';
import { pageOf, sectionsOf } from '../navigation.js';
import { chooseTheme } from './theme.js';

/** A line of the palette. */
export interface Choice {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly to?: string;
  readonly isOutside?: boolean;
  readonly act?: () => void;
}

interface Found {
  readonly kind: string;
  readonly title: string;
  readonly detail?: string;
  readonly link: string;
}

const MAX_CHOICES = 40;
const ID = /^[A-Za-z0-9._~@:-]{1,200}$/;

/** What a text may mean: verbs of this page first, then what was found, then pages. */
export function useChoices(text: string): readonly Choice[] {
  const { data } = useConsole();
  const session = useSession();
  const saved = useSavedViews();
  const { category, id } = useParams({ strict: false }) as { category?: string; id?: string };
  const found = useFound(text, data);
  const asked = text.trim().toLowerCase();
  const has = ({ title, detail }: Choice): boolean =>
    asked.split(/\s+/).every((word) => `${title} ${detail}`.toLowerCase().includes(word));
  const verbs = [
    ...verbsOf(data, session, category, id),
    ...saved.map(choiceOf),
    ...pagesOf(data, session),
    ...settingsOf(session),
  ];
  const named = entitiesNamed(text.trim(), data);
  return [...found, ...verbs.filter(has), ...named].slice(0, MAX_CHOICES);
}

/** What the services have found, once they can search. */
function useFound(text: string, data: Console | undefined): readonly Choice[] {
  const asked = text.trim();
  const canSearch = data?.operations.some(({ path }) => path === '/v1/search') ?? false;
  const query = useQuery({
    queryKey: ['search', asked],
    enabled: canSearch && asked.length > 1,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => perdure.get<{ data: Found[] }>('/v1/search', { query: { q: asked }, signal }),
  });
  if (asked.length <= 1) return [];
  const found = query.data?.data ?? [];
  // Something may be found by its id and by its owner.
  const firsts = found.filter(({ link }, place) => found.findIndex((one) => one.link === link) === place);
  return firsts.map(({ title, detail, kind, link }) => ({
    key: link,
    title,
    detail: detail ?? kind,
    to: link,
  }));
}

function verbsOf(
  data: Console | undefined,
  session: Session,
  name: string | undefined,
  id: string | undefined,
): readonly Choice[] {
  const category = data?.categories.find((one) => one.name === name);
  if (!category || id === undefined) return [];
  return category.commands
    .filter((command) => mayUse(command.allow, session))
    .map((command) => ({
      key: `verb ${command.name}`,
      title: `${command.title} …`,
      detail: `${category.name} ${id}`,
      to: `${pageOf(category.name, id)}?tab=command&verb=${command.name}`,
    }));
}

const choiceOf = ({ name, to }: SavedView): Choice => ({
  key: `view ${name}`,
  title: name,
  detail: `Saved view · ${to}`,
  to,
});

function pagesOf(data: Console | undefined, session: Session): readonly Choice[] {
  return sectionsOf(data, session).flatMap(({ title: section, pages }) =>
    pages.map(({ title, to, isOutside, summary }) => ({
      key: `page ${to}`,
      title,
      detail: summary ? `${section} · ${summary}` : section,
      to,
      ...(isOutside && { isOutside }),
    })),
  );
}

function settingsOf({ users }: Session): readonly Choice[] {
  const themes = (['system', 'light', 'dark'] as const).map((theme) => ({
    key: `theme ${theme}`,
    title: `Theme: ${theme}`,
    detail: 'Settings',
    act: () => chooseTheme(theme),
  }));
  const people = users.map(({ name, about }) => ({
    key: `user ${name}`,
    title: `Act as ${name}`,
    detail: about,
    act: () => void chooseUser(name),
  }));
  return [...themes, ...people];
}

/** An id alone may be one of any category: `alice`, `account alice` or the name of a stream. */
function entitiesNamed(text: string, data: Console | undefined): readonly Choice[] {
  const [, prefix, rest] = /^([A-Za-z]+)(?:-[A-Za-z0-9_]+\.|[\s/])(.+)$/.exec(text) ?? [];
  const asked = (prefix ?? '').toLowerCase();
  const matching = (data?.categories ?? []).filter(
    ({ name, base }) => name.toLowerCase() === asked || base.endsWith(`/${asked}`),
  );
  const id = matching.length > 0 ? rest : text;
  if (id === undefined || !ID.test(id)) return [];
  return (matching.length > 0 ? matching : (data?.categories ?? [])).map(({ name, title }) => ({
    key: `entity ${name} ${id}`,
    title: id,
    detail: `Open in ${title.toLowerCase()}`,
    to: pageOf(name, id),
  }));
}
