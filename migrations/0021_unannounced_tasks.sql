-- Of the tasks that no worker has heard of, those whose metadata holds the request can be run without their message. They
-- have an index of their own, so that a backlog of the others need not be read through to find them.
CREATE INDEX tasks_unannounced ON tasks (run_at)
  WHERE status = 'pending' AND request IS NULL
    AND (jsonb_typeof(metadata) = 'object' AND CASE type
      WHEN 'concept_generation' THEN metadata ?& ARRAY['logo_description', 'theme_description']
      WHEN 'concept_refinement' THEN metadata ?& ARRAY['refinement_prompt', 'original_image_url'] END) IS TRUE;
