-- bank_account.add
sqlite: INSERT INTO "bank_account" ("id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "bank_account" ("id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)

-- bank_account.discrepancies
sqlite: SELECT "bank_account"."id", "bank_account"."booked_minor", "bank_account"."held_minor", COALESCE("posted"."total", ?) AS "posted_minor", COALESCE("held"."total", ?) AS "active_minor" FROM "bank_account" LEFT JOIN (SELECT "account_id", CAST(COALESCE(SUM("change_minor"), ?) AS bigint) AS "total" FROM "bank_posting" GROUP BY "account_id") AS "posted" ON "posted"."account_id" = "bank_account"."id" LEFT JOIN (SELECT "account_id", CAST(COALESCE(SUM("amount_minor"), ?) AS bigint) AS "total" FROM "bank_hold" WHERE "state" = ? GROUP BY "account_id") AS "held" ON "held"."account_id" = "bank_account"."id" WHERE "bank_account"."booked_minor" <> COALESCE("posted"."total", ?) OR "bank_account"."held_minor" <> COALESCE("held"."total", ?) ORDER BY "bank_account"."id" ASC LIMIT ?
postgres: SELECT "bank_account"."id", "bank_account"."booked_minor", "bank_account"."held_minor", COALESCE("posted"."total", $1) AS "posted_minor", COALESCE("held"."total", $2) AS "active_minor" FROM "bank_account" LEFT JOIN (SELECT "account_id", CAST(COALESCE(SUM("change_minor"), $3) AS bigint) AS "total" FROM "bank_posting" GROUP BY "account_id") AS "posted" ON "posted"."account_id" = "bank_account"."id" LEFT JOIN (SELECT "account_id", CAST(COALESCE(SUM("amount_minor"), $4) AS bigint) AS "total" FROM "bank_hold" WHERE "state" = $5 GROUP BY "account_id") AS "held" ON "held"."account_id" = "bank_account"."id" WHERE "bank_account"."booked_minor" <> COALESCE("posted"."total", $6) OR "bank_account"."held_minor" <> COALESCE("held"."total", $7) ORDER BY "bank_account"."id" ASC LIMIT $8

-- bank_account.list
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "currency" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "owner_id" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "status" = ? ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "currency" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "owner_id" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL AND "status" = $1 ORDER BY "id" ASC LIMIT $2
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NOT NULL ORDER BY "id" ASC LIMIT $1

-- bank_account.lock
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN (?) ORDER BY "id" ASC 
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN (?, ?) ORDER BY "id" ASC 
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN (?, ?, ?) ORDER BY "id" ASC 
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN ($1) ORDER BY "id" ASC FOR UPDATE
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN ($1, $2) ORDER BY "id" ASC FOR UPDATE
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" IN ($1, $2, $3) ORDER BY "id" ASC FOR UPDATE

-- bank_account.move
sqlite: UPDATE "bank_account" SET "booked_minor" = ?, "held_minor" = ?, "entries" = ? WHERE "id" = ? AND "booked_minor" = ? AND "held_minor" = ? AND "entries" = ?
sqlite: UPDATE "bank_account" SET "booked_minor" = ?, "held_minor" = ?, "entries" = ? WHERE "id" = ? AND "booked_minor" = ? AND "held_minor" = ? AND "entries" = ? AND ("floor_minor" IS NULL OR "floor_minor" <= ?)
postgres: UPDATE "bank_account" SET "booked_minor" = $1, "held_minor" = $2, "entries" = $3 WHERE "id" = $4 AND "booked_minor" = $5 AND "held_minor" = $6 AND "entries" = $7
postgres: UPDATE "bank_account" SET "booked_minor" = $1, "held_minor" = $2, "entries" = $3 WHERE "id" = $4 AND "booked_minor" = $5 AND "held_minor" = $6 AND "entries" = $7 AND ("floor_minor" IS NULL OR "floor_minor" <= $8)

-- bank_account.numbered
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "number" = ?
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "number" = $1

-- bank_account.one
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" = ?
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "id" = $1

-- bank_account.own
sqlite: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NULL AND "purpose" = ? AND "currency" = ?
postgres: SELECT "id", "kind", "currency", "floor_minor", "purpose", "number", "name", "owner_id", "status", "payment_limit_minor", "day_limit_minor", "opened_on", "booked_minor", "held_minor", "entries" FROM "bank_account" WHERE "owner_id" IS NULL AND "purpose" = $1 AND "currency" = $2

-- bank_account.status_set
sqlite: UPDATE "bank_account" SET "status" = ? WHERE "id" = ?
postgres: UPDATE "bank_account" SET "status" = $1 WHERE "id" = $2

-- bank_account.trial
sqlite: SELECT "kind", "currency", CAST(COALESCE(SUM("booked_minor"), ?) AS bigint) AS "total" FROM "bank_account" GROUP BY "kind", "currency" ORDER BY "currency" ASC, "kind" ASC
postgres: SELECT "kind", "currency", CAST(COALESCE(SUM("booked_minor"), $1) AS bigint) AS "total" FROM "bank_account" GROUP BY "kind", "currency" ORDER BY "currency" ASC, "kind" ASC

-- bank_hold.add
sqlite: INSERT INTO "bank_hold" ("id", "account_id", "amount_minor", "placed_at", "state") VALUES (?, ?, ?, ?, ?)
postgres: INSERT INTO "bank_hold" ("id", "account_id", "amount_minor", "placed_at", "state") VALUES ($1, $2, $3, $4, $5)

-- bank_hold.end
sqlite: UPDATE "bank_hold" SET "state" = ?, "ended_at" = ?, "transaction_id" = ? WHERE "id" = ? AND "state" = ?
postgres: UPDATE "bank_hold" SET "state" = $1, "ended_at" = $2, "transaction_id" = $3 WHERE "id" = $4 AND "state" = $5

-- bank_hold.one
sqlite: SELECT "bank_hold"."id", "bank_hold"."account_id", "bank_hold"."amount_minor", "bank_hold"."placed_at", "bank_hold"."state", "bank_hold"."transaction_id", "bank_hold"."ended_at", "bank_account"."currency" FROM "bank_hold" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_hold"."account_id" WHERE "bank_hold"."id" = ?
postgres: SELECT "bank_hold"."id", "bank_hold"."account_id", "bank_hold"."amount_minor", "bank_hold"."placed_at", "bank_hold"."state", "bank_hold"."transaction_id", "bank_hold"."ended_at", "bank_account"."currency" FROM "bank_hold" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_hold"."account_id" WHERE "bank_hold"."id" = $1

-- bank_idempotency.answer
sqlite: UPDATE "bank_idempotency" SET "status" = ?, "body" = ? WHERE "app" = ? AND "idem_key" = ?
postgres: UPDATE "bank_idempotency" SET "status" = $1, "body" = $2 WHERE "app" = $3 AND "idem_key" = $4

-- bank_idempotency.claim
sqlite: INSERT INTO "bank_idempotency" ("app", "idem_key", "fingerprint", "created_at") VALUES (?, ?, ?, ?) ON CONFLICT ("app", "idem_key") DO NOTHING
postgres: INSERT INTO "bank_idempotency" ("app", "idem_key", "fingerprint", "created_at") VALUES ($1, $2, $3, $4) ON CONFLICT ("app", "idem_key") DO NOTHING

-- bank_idempotency.one
sqlite: SELECT "idem_key", "fingerprint", "status", "body" FROM "bank_idempotency" WHERE "app" = ? AND "idem_key" = ?
postgres: SELECT "idem_key", "fingerprint", "status", "body" FROM "bank_idempotency" WHERE "app" = $1 AND "idem_key" = $2

-- bank_idempotency.prune
sqlite: DELETE FROM "bank_idempotency" WHERE ("app", "idem_key") IN (SELECT "app", "idem_key" FROM "bank_idempotency" WHERE "created_at" < ? ORDER BY "created_at" ASC LIMIT ?)
postgres: DELETE FROM "bank_idempotency" WHERE ("app", "idem_key") IN (SELECT "app", "idem_key" FROM "bank_idempotency" WHERE "created_at" < $1 ORDER BY "created_at" ASC LIMIT $2)

-- bank_party.add
sqlite: INSERT INTO "bank_party" ("id", "kind", "body") VALUES (?, ?, ?)
postgres: INSERT INTO "bank_party" ("id", "kind", "body") VALUES ($1, $2, $3)

-- bank_party.list
sqlite: SELECT "id", "kind", "body" FROM "bank_party" WHERE "kind" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "kind", "body" FROM "bank_party" WHERE "kind" = $1 ORDER BY "id" ASC LIMIT $2

-- bank_party.one
sqlite: SELECT "id", "kind", "body" FROM "bank_party" WHERE "id" = ?
postgres: SELECT "id", "kind", "body" FROM "bank_party" WHERE "id" = $1

-- bank_payment.add
sqlite: INSERT INTO "bank_payment" ("id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "bank_payment" ("id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)

-- bank_payment.day_total
sqlite: SELECT CAST(COALESCE(SUM("amount_minor"), ?) AS bigint) AS "total" FROM "bank_payment" WHERE "debtor_id" = ? AND "booking_day" = ? AND "state" <> ?
postgres: SELECT CAST(COALESCE(SUM("amount_minor"), $1) AS bigint) AS "total" FROM "bank_payment" WHERE "debtor_id" = $2 AND "booking_day" = $3 AND "state" <> $4

-- bank_payment.finish
sqlite: UPDATE "bank_payment" SET "state" = ?, "transaction_id" = ?, "ended_at" = ?, "reason" = ? WHERE "id" = ? AND "state" = ?
postgres: UPDATE "bank_payment" SET "state" = $1, "transaction_id" = $2, "ended_at" = $3, "reason" = $4 WHERE "id" = $5 AND "state" = $6

-- bank_payment.list
sqlite: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "app" = ? AND "debtor_id" = ? ORDER BY "id" DESC LIMIT ?
sqlite: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "app" = ? AND "id" < ? ORDER BY "id" DESC LIMIT ?
postgres: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "app" = $1 AND "debtor_id" = $2 ORDER BY "id" DESC LIMIT $3
postgres: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "app" = $1 AND "id" < $2 ORDER BY "id" DESC LIMIT $3

-- bank_payment.one
sqlite: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "id" = ?
postgres: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "id" = $1

-- bank_payment.waiting
sqlite: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "state" = ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "app", "kind", "state", "debtor_id", "creditor_id", "amount_minor", "currency", "clearing", "booking_day", "ordered_at", "hold_id", "transaction_id", "ended_at", "reason", "body" FROM "bank_payment" WHERE "state" = $1 ORDER BY "id" ASC LIMIT $2

-- bank_posting.add
sqlite: INSERT INTO "bank_posting" ("account_id", "seq", "transaction_id", "line", "side", "change_minor", "balance_minor", "booked_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?), …
postgres: INSERT INTO "bank_posting" ("account_id", "seq", "transaction_id", "line", "side", "change_minor", "balance_minor", "booked_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8), …

-- bank_posting.list
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND "bank_posting"."booked_at" < ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND "bank_posting"."booked_at" >= ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND "bank_posting"."seq" < ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND "bank_posting"."side" = ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND ABS("bank_posting"."change_minor") >= ? AND ABS("bank_posting"."change_minor") <= ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? ORDER BY "bank_posting"."seq" DESC LIMIT ?
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND "bank_posting"."booked_at" < $2 ORDER BY "bank_posting"."seq" DESC LIMIT $3
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND "bank_posting"."booked_at" >= $2 ORDER BY "bank_posting"."seq" DESC LIMIT $3
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND "bank_posting"."seq" < $2 ORDER BY "bank_posting"."seq" DESC LIMIT $3
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND "bank_posting"."side" = $2 ORDER BY "bank_posting"."seq" DESC LIMIT $3
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND ABS("bank_posting"."change_minor") >= $2 AND ABS("bank_posting"."change_minor") <= $3 ORDER BY "bank_posting"."seq" DESC LIMIT $4
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 ORDER BY "bank_posting"."seq" DESC LIMIT $2

-- bank_posting.of_transaction
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency", "bank_posting"."account_id" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."transaction_id" = ? ORDER BY "bank_posting"."line" ASC
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency", "bank_posting"."account_id" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."transaction_id" = $1 ORDER BY "bank_posting"."line" ASC

-- bank_posting.one
sqlite: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = ? AND "bank_posting"."seq" = ?
postgres: SELECT "bank_posting"."transaction_id", "bank_posting"."seq", "bank_posting"."side", "bank_posting"."change_minor", "bank_posting"."balance_minor", "bank_posting"."booked_at", "bank_transaction"."value_date", "bank_transaction"."narrative", "bank_account"."currency" FROM "bank_posting" INNER JOIN "bank_transaction" ON "bank_transaction"."id" = "bank_posting"."transaction_id" INNER JOIN "bank_account" ON "bank_account"."id" = "bank_posting"."account_id" WHERE "bank_posting"."account_id" = $1 AND "bank_posting"."seq" = $2

-- bank_transaction.add
sqlite: INSERT INTO "bank_transaction" ("id", "booked_at", "value_date", "narrative") VALUES (?, ?, ?, ?) ON CONFLICT ("id") DO NOTHING
postgres: INSERT INTO "bank_transaction" ("id", "booked_at", "value_date", "narrative") VALUES ($1, $2, $3, $4) ON CONFLICT ("id") DO NOTHING

-- bank_transaction.one
sqlite: SELECT "id", "booked_at", "value_date", "narrative" FROM "bank_transaction" WHERE "id" = ?
postgres: SELECT "id", "booked_at", "value_date", "narrative" FROM "bank_transaction" WHERE "id" = $1

