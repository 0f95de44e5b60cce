/**
 * The studio's line icons: one weight (1.7), a 24 px box, the colour of the text around them.
 *
 * The first group carries the names step-kind descriptors use; a descriptor naming an icon that is not here gets a
 * plain dot instead of a hole. Icons never carry meaning alone: a label or a tooltip stands beside each.
 */
const PATHS = {
  // Step kinds
  webhook: "M4 14a4 4 0 1 0 6 3.5M10 17.5h7a3 3 0 1 0-2.7-4.3M12 6a3 3 0 1 1 2.6 4.5L11 17",
  hand: "M8 13V6.5a1.5 1.5 0 0 1 3 0V11V4.5a1.5 1.5 0 0 1 3 0V11V6a1.5 1.5 0 0 1 3 0v8a6.500 6.500 0 0 1-6.500 6.500c-2.500 0-4-1-5.200-3L4 14.500a1.500 1.500 0 0 1 2.500-1.600L8 15",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
  form: "M6 3h12a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM8.500 8h7M8.500 12h7M8.500 16h3.500",
  branch: "M6 3v6a3 3 0 0 0 3 3h6a3 3 0 0 1 3 3v6M6 3v18M15 18l3 3 3-3",
  switch: "M12 3v5M12 8c0 5-7 4-7 9v3M12 8c0 5 7 4 7 9v3M12 8v12M3 18l2 2.500L7 18M17 18l2 2.500 2-2.500",
  loop: "M17 3l3 3-3 3M20 6H8a4 4 0 0 0-4 4v1M7 21l-3-3 3-3M4 18h12a4 4 0 0 0 4-4v-1",
  wait: "M7 3h10M7 21h10M8 3v3.500c0 2.500 4 3.500 4 5.500s-4 3-4 5.500V21M16 3v3.500c0 2.500-4 3.500-4 5.500s4 3 4 5.500V21",
  stop: "M8.500 3h7L21 8.500v7L15.500 21h-7L3 15.500v-7zM9 12h6",
  reply: "M10 6L4 12l6 6M4 12h10a6 6 0 0 1 6 6v1",
  call: "M4 5h7v6H4zM13 13h7v6h-7zM11 8h3a3 3 0 0 1 3 3v2",
  pencil:
    "M4 20l1-4.500L16.500 4a2.100 2.100 0 0 1 3 0l.5.5a2.100 2.100 0 0 1 0 3L8.500 19zM14.500 6l3.500 3.500",
  filter: "M4 5h16l-6.500 7.500V19l-3 1.500v-8z",
  sigma: "M17.500 7.500V5h-11l6 7-6 7h11v-2.500",
  globe:
    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.500 2.500 3.500 5.500 3.500 9s-1 6.500-3.500 9c-2.500-2.500-3.500-5.500-3.500-9s1-6.500 3.500-9z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-6 8-6s7 2 8 6",
  gauge: "M4 17a8 8 0 1 1 16 0M12 17l4-6M4 20h16",
  route:
    "M5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM19 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 17h7a3 3 0 0 0 0-6h-4a3 3 0 0 1 0-6h7",
  flag: "M5 21V4M5 4.500c4-2 7 2 13 0V13c-6 2-9-2-13 0",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  merge: "M6 4v4a6 6 0 0 0 6 6M18 4v4a6 6 0 0 1-6 6M12 14v6M9 17.500l3 3 3-3",
  // Places
  workflow: "M5 4h6v5H5zM13 15h6v5h-6zM8 9v3a3 3 0 0 0 3 3h2",
  play: "M6.500 4.500l12.500 7.500-12.500 7.500z",
  settings:
    "M12 15.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM19.400 13.500l1.600 1.200-1.900 3.300-1.900-.7a7.600 7.600 0 0 1-2.600 1.500l-.3 2.200h-4.600l-.3-2.200a7.600 7.600 0 0 1-2.600-1.500l-1.900.7L3 14.700l1.600-1.200a7.700 7.700 0 0 1 0-3L3 9.300 4.900 6l1.900.7a7.600 7.600 0 0 1 2.600-1.500L9.700 3h4.600l.3 2.200a7.600 7.600 0 0 1 2.600 1.500l1.900-.7L21 9.300l-1.600 1.200a7.700 7.700 0 0 1 0 3z",
  chart: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
  inbox: "M4 13l3-8h10l3 8v6H4zM4 13h5l1 3h4l1-3h5",
  puzzle:
    "M5 8h4.200a2.300 2.300 0 1 1 4.600 0H18v4.200a2.300 2.300 0 1 1 0 4.600V21h-4.200a2.300 2.300 0 1 0-4.600 0H5z",
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  // Actions
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  pause: "M8.500 5v14M15.500 5v14",
  grid: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 9.500h16M4 14.500h16M10 4v16",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.500l4.500 4.500L19 7.500",
  "chevron-down": "M6 9.500l6 6 6-6",
  "chevron-up": "M6 14.500l6-6 6 6",
  "chevron-right": "M9.500 6l6 6-6 6",
  "chevron-left": "M14.500 6l-6 6 6 6",
  "arrow-right": "M5 12h14M13 6l6 6-6 6",
  "arrow-left": "M19 12H5M11 6l-6 6 6 6",
  "arrow-up": "M12 19V5M6 11l6-6 6 6",
  "arrow-down": "M12 5v14M6 13l6 6 6-6",
  more: "M4.1 12a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M11.1 12a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M18.1 12a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0",
  drag: "M8.1 6a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M8.1 12a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M8.1 18a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M14.1 6a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M14.1 12a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0M14.1 18a.9.9 0 1 0 1.8 0a.9.9 0 1 0-1.8 0",
  copy: "M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM16 9V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3",
  trash: "M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5",
  undo: "M8 5L4 9l4 4M4 9h10a5.500 5.500 0 0 1 0 11h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5.500 5.500 0 0 0 0 11h3",
  bolt: "M13 3L5 13.500h6L10 21l8-10.500h-6z",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  "eye-off":
    "M4 4l16 16M9.900 5.800A9 9 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-3 3.700M6 7.500A16 16 0 0 0 2.500 12S6 18.500 12 18.500a9 9 0 0 0 4-.9",
  download: "M12 4v11M7 10.500l5 5 5-5M4 20h16",
  upload: "M12 16V5M7 9.500l5-5 5 5M4 20h16",
  send: "M20.500 3.500L3 10l7 3.500L14 20.500zM20.500 3.500L10 13.500",
  refresh: "M20 5v5h-5M4 19v-5h5M19.500 10A8 8 0 0 0 5.300 7.500M4.500 14a8 8 0 0 0 14.200 2.500",
  link: "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.700-5.700L12 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.700 5.700L12 17",
  external: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  history: "M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4.500l3 1.500",
  fit: "M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4",
  tidy: "M12 4h.01M9 3h6v4H9zM3 17h6v4H3zM15 17h6v4h-6zM12 7v5M6 17v-3a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v3",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  note: "M5 4h14v11l-5 5H5zM19 15h-5v5",
  key: "M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12.500 12H21v3.500M17 12v3",
  building: "M4 20V6l8-3 8 3v14M9 20v-5h6v5M8 9h.01M12 9h.01M16 9h.01",
  mail: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3.500 7l8.500 6 8.500-6",
  shield:
    "M12 3l7 2.500V11c0 4.800-2.800 8.300-7 10-4.200-1.700-7-5.200-7-10V5.500zM9 12l2.200 2.200L15.500 10",
  calendar:
    "M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM4 10.500h16M8 3.500V8M16 3.500V8",
  // States
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01",
  warning: "M12 4l9 16H3zM12 10v4.500M12 17h.01",
  error: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.500v5.500M12 16h.01",
  done: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.500l2.800 2.800L16 9.500",
  skipped: "M5 6l7 6-7 6zM12 6l7 6-7 6z",
  cancelled: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
  offline:
    "M4 4l16 16M8.500 16a5 5 0 0 1 5.500-1M5 12.500a10 10 0 0 1 5-2.700M2 9a14 14 0 0 1 4-2.700M12 20h.01M22 9a14 14 0 0 0-11-4M19 12.500a10 10 0 0 0-3-2",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
  screen: "M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 21h6M12 17v4",
  keyboard:
    "M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM7 10h.01M11 10h.01M15 10h.01M17.500 10h.01M8.500 14h7",
  "sign-out": "M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M17 8l4 4-4 4",
  braces:
    "M8 4c-2.500 0-3 1-3 3v2c0 2-.5 3-2 3 1.500 0 2 1 2 3v2c0 2 .5 3 3 3M16 4c2.500 0 3 1 3 3v2c0 2 .5 3 2 3-1.500 0-2 1-2 3v2c0 2-.5 3-3 3",
  dot: "M12 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
} as const;

export type IconName = keyof typeof PATHS;

/** True when the studio draws an icon of that name. */
export function isIconName(name: string): name is IconName {
  return Object.hasOwn(PATHS, name);
}

interface IconProps {
  /** A name from the table above; unknown names (from a descriptor of a newer server) draw a dot. */
  name: IconName | (string & {});
  /** Edge in px; 18 unless told. */
  size?: number;
  className?: string;
  /** Only when the icon stands alone; else it is hidden from screen readers. */
  label?: string;
}

export function Icon({ name, size = 18, className, label }: IconProps) {
  const path = isIconName(name) ? PATHS[name] : PATHS.dot;
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={className}
      style={{ flex: "none" }}
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={path} />
    </svg>
  );
}
