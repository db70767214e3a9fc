-- A book is lent to a reader once.
ALTER TABLE loans ADD CONSTRAINT one_loan_per_reader UNIQUE (book_id, reader_id);
