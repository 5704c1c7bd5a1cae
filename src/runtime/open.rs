//! Opens the configured store: the one place that names the databases there are.

use std::path::Path;
use std::sync::Arc;

use crate::config::StoreAt;
use crate::store::memory::MemoryStore;
use crate::store::sled::SledStore;
use crate::store::{Store, StoreError};

/// Opens the store, making its folder if there is none.
///
/// # Errors
/// When another process has it, or it cannot be read or made.
pub fn store(at: &StoreAt) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match at {
        StoreAt::Sled(folder) => {
            keep_private(folder)?;
            Arc::new(SledStore::open(folder)?)
        }
        StoreAt::Memory => Arc::new(MemoryStore::new()),
    })
}

/// Lets only the owner into a folder that is made here: tokens and customers' addresses will lie in it.
/// One that was there before is left as its owner made it, and told of when others can look in.
fn keep_private(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    let unusable = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", folder.display()));
    match std::fs::metadata(folder) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            tracing::warn!(
                folder = %folder.display(),
                "others on this machine can look into the data folder: chmod 700 keeps tokens and customers private"
            );
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(_) => std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_made_here_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("data");
        drop(store(&StoreAt::Sled(folder.clone())).unwrap());
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
