//! A last look at both sides.

use sha2::{Digest, Sha256};

use crate::{
    model::sight::Sight,
    store::{
        connection::DbConnection,
        copy::{
            Step, Verified,
            row::{Row, Span},
            steps::{Work, length},
            tables::{Visit, parents_first},
        },
        error::StoreError,
    },
};

/// Reads both sides, the target in one transaction too.
struct Verifying<'w, 'a> {
    work: &'w mut Work<'a>,
    target: &'w mut DbConnection,
}

pub(super) fn verify(work: &mut Work<'_>) -> Result<(), StoreError> {
    let target = work.target;
    target.read_blocking(Sight::Desk, |reader| {
        let target = &mut *reader.connection;
        parents_first(&mut Verifying { work, target })
    })?;
    Ok(())
}

impl Visit for Verifying<'_, '_> {
    fn table<R: Row>(&mut self) -> Result<(), StoreError> {
        let (rows, ours) = fingerprint::<R>(self.work.source)?;
        let (found, theirs) = fingerprint::<R>(self.target)?;
        self.work.copied.tables.push(Verified {
            table: R::TABLE,
            rows,
            found,
            equal: rows == found && ours == theirs,
        });
        self.work.tell::<R>(Step::Verifying, rows);
        Ok(())
    }
}

/// How many rows a table has, and a hash of them all in the order of their keys.
fn fingerprint<R: Row>(connection: &mut DbConnection) -> Result<(i64, Vec<u8>), StoreError> {
    let mut hash = Sha256::new();
    let mut rows = 0;
    let mut span = Span {
        after: None,
        through: None,
        at_most: R::AT_ONCE,
    };
    loop {
        let found = R::rows(connection, &span)?;
        let Some(last) = found.last() else {
            return Ok((rows, hash.finalize().to_vec()));
        };
        span.after = Some(last.key());
        rows += length(&found);
        for row in &found {
            let written = serde_json::to_vec(row);
            hash.update(
                written.map_err(|cause| StoreError::Corrupt(format!("{}: {cause}", R::TABLE)))?,
            );
        }
    }
}
