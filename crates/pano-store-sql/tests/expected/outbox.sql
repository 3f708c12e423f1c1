-- audit_head.lock
sqlite: SELECT "one", "seq", "hash" FROM "audit_head" 
postgres: SELECT "one", "seq", "hash" FROM "audit_head" FOR UPDATE

-- consumer_cursor.init
sqlite: INSERT INTO "consumer_cursor" ("consumer", "position", "moved_at") VALUES (?, ?, ?) ON CONFLICT ("consumer") DO NOTHING
postgres: INSERT INTO "consumer_cursor" ("consumer", "position", "moved_at") VALUES ($1, $2, $3) ON CONFLICT ("consumer") DO NOTHING

-- consumer_cursor.move
sqlite: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = ?
sqlite: UPDATE "consumer_cursor" SET "position" = ?, "moved_at" = ? WHERE "consumer" = ? AND "position" = ?
postgres: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = $1
postgres: UPDATE "consumer_cursor" SET "position" = $1, "moved_at" = $2 WHERE "consumer" = $3 AND "position" = $4

-- consumer_cursor.read
sqlite: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = ?
postgres: SELECT "consumer", "position" FROM "consumer_cursor" WHERE "consumer" = $1

-- consumer_cursor.slowest
sqlite: SELECT MIN("position") AS "position" FROM "consumer_cursor"
postgres: SELECT MIN("position") AS "position" FROM "consumer_cursor"

-- counter.step
sqlite: INSERT INTO "counter" ("name", "value") VALUES (?, ?) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"
postgres: INSERT INTO "counter" ("name", "value") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "value" = "counter"."value" + "excluded"."value" RETURNING "name", "value"

-- outbox.add
sqlite: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES (?, ?, ?, ?, ?, ?, ?, ?)
postgres: INSERT INTO "outbox" ("seq", "id", "type", "source", "subject", "at", "data", "traceparent") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- outbox.prune
sqlite: DELETE FROM "outbox" WHERE "seq" IN (SELECT "seq" FROM "outbox" WHERE "seq" <= ? ORDER BY "seq" ASC LIMIT ?)
postgres: DELETE FROM "outbox" WHERE "seq" IN (SELECT "seq" FROM "outbox" WHERE "seq" <= $1 ORDER BY "seq" ASC LIMIT $2)

-- outbox.take
sqlite: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > ? ORDER BY "seq" ASC LIMIT ?
postgres: SELECT "seq", "id", "type", "source", "subject", "at", "data", "traceparent" FROM "outbox" WHERE "seq" > $1 ORDER BY "seq" ASC LIMIT $2

