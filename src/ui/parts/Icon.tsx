const shapes = {
  verified: "M8 1.5 13.5 4v4c0 3.4-2.3 5.6-5.5 6.5C4.8 13.6 2.5 11.4 2.5 8V4zM5.3 8l2 2 3.4-3.8",
  pending: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2.2 1.4",
  claimed: "M2.5 3h11v7.5H7.2L4.2 13v-2.5H2.5zM8 5v2.2M8 8.6v.4",
  danger: "M8 2 14.5 13.5h-13zM8 6.2v3.4M8 11.4v.4",
  done: "M3 8.4 6.4 12 13 4.6",
  portfolio: "M2.5 13.5v-5M6.2 13.5v-9M9.8 13.5v-6.5M13.5 13.5v-11",
  chains: "M1.5 5h13v6h-13zM5 5v6M7 5v6M11.5 5v6",
  settle: "M3 13.5v-3.5M8 13.5v-3.5M13 13.5v-3.5M1.5 13.5h13M8 7.5 5.5 3h5z",
  activity: "M2.5 4h11M2.5 8h11M2.5 12h6.5",
  settings:
    "M2 4.5h6.5M12.5 4.5H14M2 11.5h1.5M7.5 11.5H14M10.5 2.8v3.4M5.5 9.8v3.4M10.5 2.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4M5.5 9.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4",
  onward: "M6 3.5 10.5 8 6 12.5",
} as const;

export type IconName = keyof typeof shapes;

/** A line drawing beside a word; it never stands alone, so that it is hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
