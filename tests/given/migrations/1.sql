CREATE TYPE mood AS ENUM ('glad', 'sad');

CREATE TABLE statuses (code text PRIMARY KEY, label text NOT NULL);
INSERT INTO statuses VALUES ('new', 'New'), ('old', 'Old');

CREATE TABLE plans (id integer PRIMARY KEY, name text NOT NULL);

CREATE TABLE shelves (id integer PRIMARY KEY);

CREATE TABLE people (
  id integer PRIMARY KEY,
  mood mood NOT NULL,
  tags text[] NOT NULL,
  scores integer[],
  status text NOT NULL REFERENCES statuses
);

CREATE TABLE members (
  id integer PRIMARY KEY,
  plan_id integer NOT NULL REFERENCES plans
);

CREATE TABLE visits (
  id integer PRIMARY KEY,
  person_id integer NOT NULL REFERENCES people
);
