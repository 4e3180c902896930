import { Link } from "wouter";

type Crumb = { readonly title: string; readonly path: string };

/** The way up to the main chain, the nearest last. */
export function Crumbs({
  crumbs,
  here,
}: {
  readonly crumbs: readonly Crumb[];
  readonly here: string;
}) {
  return (
    <nav aria-label="Ancestors" className="crumbs">
      <ol>
        {crumbs.map(({ title, path }) => (
          <li key={path}>
            <Link href={path}>{title}</Link>
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  );
}
