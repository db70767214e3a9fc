CREATE TYPE loan_state AS ENUM ('open', 'returned', 'lost');

CREATE TABLE readers (
  id serial PRIMARY KEY,
  card_number varchar(16) NOT NULL UNIQUE,
  name varchar(80) NOT NULL,
  email varchar(120) NOT NULL,
  joined_on date NOT NULL
);

CREATE TABLE books (
  id serial PRIMARY KEY,
  title text NOT NULL,
  shelf varchar(10) NOT NULL
);
