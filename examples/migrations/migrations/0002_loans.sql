CREATE TABLE loans (
  id bigserial PRIMARY KEY,
  reader_id int NOT NULL REFERENCES readers ON DELETE CASCADE,
  book_id int NOT NULL REFERENCES books,
  state loan_state NOT NULL DEFAULT 'open',
  lent_at timestamptz NOT NULL,
  note text
);
