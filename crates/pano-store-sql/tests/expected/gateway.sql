-- gateway.forget
sqlite: DELETE FROM "gateway" WHERE "name" = ?
postgres: DELETE FROM "gateway" WHERE "name" = $1

-- gateway.list
sqlite: SELECT "name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at" FROM "gateway" ORDER BY "name" ASC LIMIT ?
postgres: SELECT "name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at" FROM "gateway" ORDER BY "name" ASC LIMIT $1

-- gateway.report
sqlite: INSERT INTO "gateway" ("name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT ("name") DO UPDATE SET "version" = "excluded"."version", "started_at" = "excluded"."started_at", "digest" = "excluded"."digest", "revision" = "excluded"."revision", "last_error" = "excluded"."last_error", "last_seen_at" = "excluded"."last_seen_at"
postgres: INSERT INTO "gateway" ("name", "version", "started_at", "digest", "revision", "last_error", "first_seen_at", "last_seen_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ("name") DO UPDATE SET "version" = "excluded"."version", "started_at" = "excluded"."started_at", "digest" = "excluded"."digest", "revision" = "excluded"."revision", "last_error" = "excluded"."last_error", "last_seen_at" = "excluded"."last_seen_at"

