package embedded

import "fmt"

// versionSchema makes current and history, which have the same columns so that rows move between them as they are.
const versionSchema = `CREATE TABLE %s (
	bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, version TEXT NOT NULL, marker INTEGER NOT NULL,
	etag TEXT NOT NULL, size INTEGER NOT NULL, stored INTEGER NOT NULL, modified INTEGER NOT NULL,
	parts INTEGER NOT NULL, segments INTEGER NOT NULL, content INTEGER NOT NULL, attrs BLOB,
	PRIMARY KEY (%s)) WITHOUT ROWID`

// migrations make each schema from the one before; the database records how many it has seen. Never edit one that was
// released: add another.
var migrations = [][]string{{
	`CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID`,
	// revision: numbers below it may be in use. state: newest change of documents or buckets. opened: runs so far.
	// swept: runs whose files are all accounted for.
	`INSERT INTO counter VALUES ('revision', 1), ('state', 0), ('opened', 0), ('swept', 0)`,
	`CREATE TABLE bucket (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, versioning INTEGER NOT NULL, created INTEGER NOT NULL)`,
	fmt.Sprintf(versionSchema, "current", "bucket, key"),
	fmt.Sprintf(versionSchema, "history", "bucket, key, seq DESC"),
	`CREATE UNIQUE INDEX history_null ON history (bucket, key) WHERE version = 'null'`,
	// The bytes of a version are one row of inline, or the files of one or more rows of segment (number 0: not a part).
	`CREATE TABLE inline (content INTEGER PRIMARY KEY, data BLOB NOT NULL)`,
	`CREATE TABLE segment (content INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL UNIQUE, etag TEXT NOT NULL,
		size INTEGER NOT NULL, stored INTEGER NOT NULL, modified INTEGER NOT NULL, checksums BLOB,
		PRIMARY KEY (content, number)) WITHOUT ROWID`,
	`CREATE TABLE upload (bucket INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL,
		content INTEGER NOT NULL, initiated INTEGER NOT NULL, attrs BLOB, PRIMARY KEY (bucket, key, seq)) WITHOUT ROWID`,
	`CREATE TABLE garbage (name TEXT PRIMARY KEY) WITHOUT ROWID`,
	`CREATE TABLE document (kind TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL,
		body BLOB NOT NULL, PRIMARY KEY (kind, account, name)) WITHOUT ROWID`,
}, {
	// What listings show of attrs, see shownOf; NULL in rows of the first schema.
	`ALTER TABLE current ADD COLUMN shown BLOB`,
	`ALTER TABLE history ADD COLUMN shown BLOB`,
}, {
	// Whether the key was deleted since the upload began, on which conditional completion hangs.
	`ALTER TABLE upload ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0`,
}}

// migrate brings the database to the newest schema, each step in a transaction of its own.
func migrate(c *connection) error {
	if err := c.once(`CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY)`); err != nil {
		return err
	}
	var done int
	if err := c.scan([]any{&done}, `SELECT count(*) FROM migration`); err != nil {
		return err
	}
	if done > len(migrations) {
		return fmt.Errorf("database has schema %d, this program knows up to %d", done, len(migrations))
	}
	for n := done; n < len(migrations); n++ {
		if err := migrateOnce(c, n); err != nil {
			return fmt.Errorf("migration %d: %w", n+1, err)
		}
	}
	return nil
}

func migrateOnce(c *connection, n int) error {
	statements := append([]string{"BEGIN IMMEDIATE"}, migrations[n]...)
	for _, s := range append(statements, fmt.Sprintf(`INSERT INTO migration VALUES (%d)`, n+1), "COMMIT") {
		if err := c.once(s); err != nil {
			_ = c.once("ROLLBACK") // the error above is the one to tell
			return err
		}
	}
	return nil
}
