-- The tasks that can be run without their message are looked for type by type: those of a type that waits for a model
-- which is down may be many, and must not be read through to find the others.
CREATE INDEX IF NOT EXISTS tasks_unannounced_by_type ON tasks (type, run_at)
  WHERE status = 'pending' AND request IS NULL
    AND (jsonb_typeof(metadata) = 'object' AND CASE type
      WHEN 'concept_generation' THEN metadata ?& ARRAY['logo_description', 'theme_description']
      WHEN 'concept_refinement' THEN metadata ?& ARRAY['refinement_prompt', 'original_image_url'] END) IS TRUE;
DROP INDEX tasks_unannounced;
