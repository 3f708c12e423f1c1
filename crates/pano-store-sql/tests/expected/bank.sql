-- bank_entity.copy
sqlite: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") SELECT ?, "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = ?
postgres: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") SELECT $1, "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = $2

-- bank_entity.drop
sqlite: DELETE FROM "bank_entity" WHERE "image_id" = ?
postgres: DELETE FROM "bank_entity" WHERE "image_id" = $1

-- bank_entity.load
sqlite: SELECT "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = ? AND ("kind" > ? OR ("kind" = ? AND "id" > ?)) ORDER BY "kind" ASC, "id" ASC LIMIT ?
sqlite: SELECT "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = ? ORDER BY "kind" ASC, "id" ASC LIMIT ?
postgres: SELECT "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = $1 AND ("kind" > $2 OR ("kind" = $3 AND "id" > $4)) ORDER BY "kind" ASC, "id" ASC LIMIT $5
postgres: SELECT "kind", "id", "body" FROM "bank_entity" WHERE "image_id" = $1 ORDER BY "kind" ASC, "id" ASC LIMIT $2

-- bank_entity.put
sqlite: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") VALUES (?, ?, ?, ?) ON CONFLICT ("image_id", "kind", "id") DO UPDATE SET "body" = "excluded"."body"
sqlite: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") VALUES (?, ?, ?, ?), … ON CONFLICT ("image_id", "kind", "id") DO UPDATE SET "body" = "excluded"."body"
postgres: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") VALUES ($1, $2, $3, $4) ON CONFLICT ("image_id", "kind", "id") DO UPDATE SET "body" = "excluded"."body"
postgres: INSERT INTO "bank_entity" ("image_id", "kind", "id", "body") VALUES ($1, $2, $3, $4), … ON CONFLICT ("image_id", "kind", "id") DO UPDATE SET "body" = "excluded"."body"

-- bank_entity.remove
sqlite: DELETE FROM "bank_entity" WHERE "image_id" = ? AND "kind" = ? AND "id" = ?
postgres: DELETE FROM "bank_entity" WHERE "image_id" = $1 AND "kind" = $2 AND "id" = $3

-- bank_event.append
sqlite: INSERT INTO "bank_event" ("seq", "sandbox_id", "id", "type", "subject", "at", "data") VALUES (?, ?, ?, ?, ?, ?, ?)
sqlite: INSERT INTO "bank_event" ("seq", "sandbox_id", "id", "type", "subject", "at", "data") VALUES (?, ?, ?, ?, ?, ?, ?), …
postgres: INSERT INTO "bank_event" ("seq", "sandbox_id", "id", "type", "subject", "at", "data") VALUES ($1, $2, $3, $4, $5, $6, $7)
postgres: INSERT INTO "bank_event" ("seq", "sandbox_id", "id", "type", "subject", "at", "data") VALUES ($1, $2, $3, $4, $5, $6, $7), …

-- bank_event.list
sqlite: SELECT "seq", "sandbox_id", "id", "type", "subject", "at", "data" FROM "bank_event" WHERE "sandbox_id" = ? AND "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "sandbox_id", "id", "type", "subject", "at", "data" FROM "bank_event" WHERE "sandbox_id" = $1 AND "seq" > $2 ORDER BY "seq" ASC LIMIT $3

-- bank_event.prune
sqlite: DELETE FROM "bank_event" WHERE "sandbox_id" = ? AND "seq" <= ?
postgres: DELETE FROM "bank_event" WHERE "sandbox_id" = $1 AND "seq" <= $2

-- bank_sandbox.add
sqlite: INSERT INTO "bank_sandbox" ("id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "bank_sandbox" ("id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- bank_sandbox.due
sqlite: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "due_at" <= ? ORDER BY "due_at" ASC, "id" ASC LIMIT ?
postgres: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "due_at" <= $1 ORDER BY "due_at" ASC, "id" ASC LIMIT $2

-- bank_sandbox.list
sqlite: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" ORDER BY "id" ASC LIMIT ?
sqlite: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "id" > ? ORDER BY "id" ASC LIMIT ?
postgres: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" ORDER BY "id" ASC LIMIT $1
postgres: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "id" > $1 ORDER BY "id" ASC LIMIT $2

-- bank_sandbox.of
sqlite: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "partner_id" = ?
postgres: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "partner_id" = $1

-- bank_sandbox.one
sqlite: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "id" = ?
postgres: SELECT "id", "partner_id", "scenario", "version", "image_id", "transactions", "events", "due_at", "created_at", "changed_at" FROM "bank_sandbox" WHERE "id" = $1

-- bank_sandbox.step
sqlite: UPDATE "bank_sandbox" SET "version" = ?, "scenario" = ?, "image_id" = ?, "transactions" = ?, "events" = ?, "due_at" = ?, "changed_at" = ? WHERE "id" = ? AND "version" = ?
postgres: UPDATE "bank_sandbox" SET "version" = $1, "scenario" = $2, "image_id" = $3, "transactions" = $4, "events" = $5, "due_at" = $6, "changed_at" = $7 WHERE "id" = $8 AND "version" = $9

-- bank_snapshot.add
sqlite: INSERT INTO "bank_snapshot" ("name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time") VALUES (?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "bank_snapshot" ("name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time") VALUES ($1, $2, $3, $4, $5, $6, $7)

-- bank_snapshot.list
sqlite: SELECT "name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time" FROM "bank_snapshot" WHERE "sandbox_id" = ? ORDER BY "name" ASC
postgres: SELECT "name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time" FROM "bank_snapshot" WHERE "sandbox_id" = $1 ORDER BY "name" ASC

-- bank_snapshot.one
sqlite: SELECT "name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time" FROM "bank_snapshot" WHERE "sandbox_id" = ? AND "name" = ?
postgres: SELECT "name", "sandbox_id", "image_id", "scenario", "transactions", "created_at", "sandbox_time" FROM "bank_snapshot" WHERE "sandbox_id" = $1 AND "name" = $2

-- bank_snapshot.remove
sqlite: DELETE FROM "bank_snapshot" WHERE "sandbox_id" = ? AND "name" = ?
postgres: DELETE FROM "bank_snapshot" WHERE "sandbox_id" = $1 AND "name" = $2

-- bank_transaction.append
sqlite: INSERT INTO "bank_transaction" ("image_id", "seq", "body") VALUES (?, ?, ?)
sqlite: INSERT INTO "bank_transaction" ("image_id", "seq", "body") VALUES (?, ?, ?), …
postgres: INSERT INTO "bank_transaction" ("image_id", "seq", "body") VALUES ($1, $2, $3)
postgres: INSERT INTO "bank_transaction" ("image_id", "seq", "body") VALUES ($1, $2, $3), …

-- bank_transaction.copy
sqlite: INSERT INTO "bank_transaction" ("image_id", "seq", "body") SELECT ?, "seq", "body" FROM "bank_transaction" WHERE "image_id" = ?
postgres: INSERT INTO "bank_transaction" ("image_id", "seq", "body") SELECT $1, "seq", "body" FROM "bank_transaction" WHERE "image_id" = $2

-- bank_transaction.drop
sqlite: DELETE FROM "bank_transaction" WHERE "image_id" = ?
postgres: DELETE FROM "bank_transaction" WHERE "image_id" = $1

-- bank_transaction.load
sqlite: SELECT "seq", "body" FROM "bank_transaction" WHERE "image_id" = ? AND "seq" >= ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "body" FROM "bank_transaction" WHERE "image_id" = $1 AND "seq" >= $2 ORDER BY "seq" ASC LIMIT $3

