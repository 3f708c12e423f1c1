-- audit.append
sqlite: INSERT INTO "audit" ("seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "audit" ("seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- audit.verify
sqlite: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "at", "actor", "action", "subject_kind", "subject_id", "detail", "trace_id", "prev_hash", "hash" FROM "audit" WHERE "seq" > $1 ORDER BY "seq" ASC LIMIT $2

-- audit_head.lock
sqlite: SELECT "one", "seq", "hash" FROM "audit_head" 
postgres: SELECT "one", "seq", "hash" FROM "audit_head" FOR UPDATE

-- audit_head.move
sqlite: UPDATE "audit_head" SET "seq" = ?, "hash" = ? WHERE "seq" = ?
postgres: UPDATE "audit_head" SET "seq" = $1, "hash" = $2 WHERE "seq" = $3

-- audit_head.read
sqlite: SELECT "one", "seq", "hash" FROM "audit_head"
postgres: SELECT "one", "seq", "hash" FROM "audit_head"

-- counter.step
sqlite: INSERT INTO "counter" ("name", "value") VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"
postgres: INSERT INTO "counter" ("name", "value") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"

-- outbox.add
sqlite: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- outbox.take
sqlite: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > $1 ORDER BY "seq" ASC LIMIT $2

-- setting.put
sqlite: INSERT INTO "setting" ("name", "value", "changed_at") VALUES (?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "excluded"."value", "changed_at" = "excluded"."changed_at"
postgres: INSERT INTO "setting" ("name", "value", "changed_at") VALUES ($1, $2, $3) ON CONFLICT ("name") DO UPDATE SET "value" = "excluded"."value", "changed_at" = "excluded"."changed_at"

-- setting.read
sqlite: SELECT "name", "value" FROM "setting" WHERE "name" = ?
postgres: SELECT "name", "value" FROM "setting" WHERE "name" = $1

